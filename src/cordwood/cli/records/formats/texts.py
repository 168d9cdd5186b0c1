"""Texts in format strings: keys, values and topics as they are, or in letters.

Lives here: hexadecimal, base64, and bytes unpacked to numbers. Must not live here: which fields are texts.
"""

from __future__ import annotations

import binascii
import struct
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Final

from cordwood.cli.records.formats.scanning import FormatError, Modifier

NUMBERS: Final = frozenset("bBhHiIqQ")
"""What can be unpacked as a number: struct's own letters."""

Convert = Callable[[bytes], bytes]

Unpacked = tuple[bytes, bytes]
"""What is shown, and what is left to unpack."""


def _unpadded(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")


def _from_base64(data: bytes) -> bytes:
    return b64decode(data, validate=True)


def _from_unpadded(data: bytes) -> bytes:
    return b64decode(data + b"=" * (-len(data) % 4), validate=True)


WRITERS: Final[Mapping[str, Convert]] = {"hex": binascii.hexlify, "base64": b64encode, "base64raw": _unpadded}
READERS: Final[Mapping[str, Convert]] = {
    "hex": binascii.unhexlify,
    "base64": _from_base64,
    "base64raw": _from_unpadded,
}


def text_writer(modifier: Modifier | None) -> Convert | None:
    """How a text is written; None is as it is. Raises FormatError."""
    if modifier is None:
        return None
    if modifier.name == "unpack":
        if modifier.argument is None:
            raise FormatError(modifier.position, "unpack wants to know what: unpack[>I]")
        return unpacker(modifier.argument, modifier.position)
    return _plain(modifier, WRITERS, "texts are not written as {}: {} unpack[...]")


def text_reader(modifier: Modifier | None) -> Convert | None:
    """How a text is read, which raises ValueError; None is as it is. Raises FormatError."""
    return None if modifier is None else _plain(modifier, READERS, "texts are not read as {}: {}")


def _plain(modifier: Modifier, ways: Mapping[str, Convert], complaint: str) -> Convert:
    if modifier.name not in ways or modifier.argument is not None:
        raise FormatError(modifier.position, complaint.format(modifier.name or "this", " ".join(ways)))
    return ways[modifier.name]


def unpacker(letters: str, position: int) -> Convert:
    """What shows bytes as the numbers and characters that the letters name. Raises FormatError.

    As with rpk it begins little-endian, `<` and `>` count for what follows, and what does not fit is said in the output.
    """
    steps: list[Callable[[bytes], Unpacked]] = []
    order = "<"
    for at, letter in enumerate(letters):
        if steps and steps[-1] in (_rest, _end):
            raise FormatError(position + at, "nothing follows s or $")
        if letter in "<>":
            order = letter
        elif letter in NUMBERS:
            steps.append(_number(struct.Struct(order + letter)))
        elif letter in STEPS:
            steps.append(STEPS[letter])
        elif letter != "x":
            raise FormatError(position + at, f"nothing is unpacked as {letter}: < > x b B h H i I q Q c . s $")
    return lambda data: _run(steps, data)


def _run(steps: list[Callable[[bytes], Unpacked]], data: bytes) -> bytes:
    shown = []
    for step in steps:
        part, data = step(data)
        shown.append(part)
    return b"".join(shown)


def _number(layout: struct.Struct) -> Callable[[bytes], Unpacked]:
    def step(data: bytes) -> Unpacked:
        if len(data) < layout.size:
            return b"%%!(have %d bytes, need %d)" % (len(data), layout.size), b""
        (number,) = layout.unpack_from(data)
        return b"%d" % number, data[layout.size :]

    return step


def _character(data: bytes) -> Unpacked:
    return data[:1] or b"%!c(no bytes available)", data[1:]


def _rest(data: bytes) -> Unpacked:
    return data, b""


def _end(data: bytes) -> Unpacked:
    return b"%!$(not end-of-input)" if data else b"", b""


STEPS: Final = {"c": _character, ".": _character, "s": _rest, "$": _end}
