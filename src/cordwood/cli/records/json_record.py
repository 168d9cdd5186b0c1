"""Records as JSON objects, from which the same records can be produced again.

    {"topic":"orders","partition":0,"offset":12,"timestamp_ms":1700000000000,"timestamp_type":"create","leader_epoch":0,
     "key":"k","value":"text","headers":[{"key":"trace","value":"1"},{"key":"trace","value":null}]}

A key or value that is UTF-8 is a string in `key` or `value`, and null is null. Any other is in `key_base64` or
`value_base64` instead (or in `..._hex`, where that was asked for). Headers are a list: names may come more than once. A
value of another type than string or null stands for its JSON text.

Lives here: that form, both ways. Must not live here: where lines come from or go to.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from cordwood.cli.records.input.feed import InputError
from cordwood.cli.records.message import TIMESTAMP_TYPES, Header, Message, Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable


class Decoder(StrEnum):
    """How the bytes of a key or value are shown."""

    TEXT = "text"
    HEX = "hex"
    BASE64 = "base64"
    JSON = "json"


class Shown(NamedTuple):
    """Bytes in the one field of the three in which they are shown."""

    plain: str | Raw | UnsetType | None = UNSET
    base64: str | UnsetType = UNSET
    hexadecimal: str | UnsetType = UNSET


NULL: Final = Shown(plain=None)
JSON_SPACE: Final = b" \t\r\n"


class HeaderLine(Struct, forbid_unknown_fields=True, gc=False):
    """A header in JSON."""

    key: str
    value: str | UnsetType | None = UNSET
    value_base64: str | UnsetType = UNSET


class RecordLine(Struct, forbid_unknown_fields=True, gc=False):
    """A record in JSON. When it is read, only the last six and the time are looked at, and the partition if asked for."""

    topic: str | UnsetType = UNSET
    partition: int | UnsetType | None = UNSET
    offset: int | UnsetType | None = UNSET
    timestamp_ms: int | UnsetType | None = UNSET
    timestamp_type: str | UnsetType | None = UNSET
    leader_epoch: int | UnsetType | None = UNSET
    key: Raw | str | UnsetType | None = UNSET
    key_base64: str | UnsetType = UNSET
    key_hex: str | UnsetType = UNSET
    value: Raw | str | UnsetType | None = UNSET
    value_base64: str | UnsetType = UNSET
    value_hex: str | UnsetType = UNSET
    headers: list[HeaderLine] | None = []


# Writing.


def record_line(key: Decoder, value: Decoder) -> Callable[[Message], RecordLine]:
    """What makes records into lines, by how keys and values are to be shown."""
    show_key, show_value = SHOW[key], SHOW[value]

    def line(message: Message) -> RecordLine:
        kind, timestamp_ms = message.timestamp()
        shown_key, shown_value = show_key(message.key()), show_value(message.value())
        headers = message.headers()
        return RecordLine(
            message.topic(),
            message.partition(),
            message.offset(),
            timestamp_ms if kind else None,
            TIMESTAMP_TYPES.get(kind),
            message.leader_epoch(),
            *shown_key,
            *shown_value,
            [_header_line(name, content) for name, content in headers] if headers else [],
        )

    return line


def _header_line(name: str, value: bytes | None) -> HeaderLine:
    shown = _as_text(value)
    return HeaderLine(name, shown.plain, shown.base64)  # type: ignore[arg-type]  # Text is never Raw.


def _as_text(data: bytes | None) -> Shown:
    if data is None:
        return NULL
    try:
        return Shown(plain=data.decode())
    except UnicodeDecodeError:
        return _as_base64(data)


def _as_base64(data: bytes | None) -> Shown:
    return NULL if data is None else Shown(base64=b64encode(data).decode())


def _as_hexadecimal(data: bytes | None) -> Shown:
    return NULL if data is None else Shown(hexadecimal=data.hex())


def _as_json(data: bytes | None) -> Shown:
    """JSON as it is, on one line. A string or null stays text: read again, it would be taken for the bytes themselves."""
    text = b"" if data is None else data.strip(JSON_SPACE)
    if not text or text[:1] in (b'"', b"n"):
        return _as_text(data)
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _as_text(data)
    has_lines = b"\n" in text or b"\r" in text
    return Shown(plain=Raw(msgspec.json.format(text, indent=-1) if has_lines else text))


SHOW: Final = {
    Decoder.TEXT: _as_text,
    Decoder.HEX: _as_hexadecimal,
    Decoder.BASE64: _as_base64,
    Decoder.JSON: _as_json,
}


# Reading.


class _ReadLine(RecordLine):
    """The same with key and value left as they are in the line."""

    key: Raw | UnsetType = UNSET
    value: Raw | UnsetType = UNSET


_DECODER: Final = msgspec.json.Decoder(_ReadLine)
_TEXT: Final = msgspec.json.Decoder(str)


def read_record(line: bytes) -> Outgoing:
    """The record of a JSON object. Raises InputError."""
    try:
        read = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"this is no record: {error}") from error
    if (read.value, read.value_base64, read.value_hex) == (UNSET, UNSET, UNSET):
        raise InputError('a record needs a "value", which is null for a tombstone')
    return Outgoing(
        _bytes("key", read.key, read.key_base64, read.key_hex),
        _bytes("value", read.value, read.value_base64, read.value_hex),
        tuple([_header(header) for header in read.headers or ()]),
        None if read.partition is UNSET else read.partition,
        None if read.timestamp_ms is UNSET else read.timestamp_ms,
    )


def _header(line: HeaderLine) -> Header:
    plain = line.value
    if plain is UNSET and line.value_base64 is UNSET:
        raise InputError(f'the header {line.key!r} needs a "value", which may be null')
    if plain is not UNSET and line.value_base64 is not UNSET:
        raise InputError(f'the header {line.key!r} has both "value" and "value_base64"')
    if isinstance(plain, str):
        return line.key, plain.encode()
    return line.key, None if plain is None else _from_base64("value_base64", line.value_base64)


def _bytes(name: str, plain: Raw | UnsetType, base64: str | UnsetType, hexadecimal: str | UnsetType) -> bytes | None:
    """The bytes of the one field that is set; None if none is."""
    if sum(part is not UNSET for part in (plain, base64, hexadecimal)) > 1:
        raise InputError(f'only one of "{name}", "{name}_base64" and "{name}_hex" can be told')
    if plain is not UNSET:
        return _from_plain(bytes(plain))
    if hexadecimal is not UNSET:
        return _from_hexadecimal(f"{name}_hex", hexadecimal)
    return None if base64 is UNSET else _from_base64(f"{name}_base64", base64)


def _from_plain(text: bytes) -> bytes | None:
    if text == b"null":
        return None
    return _TEXT.decode(text).encode() if text.startswith(b'"') else text


def _from_base64(name: str, text: str | UnsetType) -> bytes:
    try:
        return b64decode(str(text).encode(), validate=True)
    except ValueError as error:
        raise InputError(f'"{name}" is no base64: {error}') from error


def _from_hexadecimal(name: str, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise InputError(f'"{name}" is no hexadecimal: {error}') from error
