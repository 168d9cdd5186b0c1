r"""Format strings in pieces: what stands there as it is, and the fields with what is in their braces.

    Key %k\tat %d{strftime[%F %T]}\n
    ╰──╯╰╯╰╯╰─╯╰─────────────────╯╰╯
     literal  a field, its modifier `strftime` and the modifier's argument

Lives here: escapes, braces, and where in the string something is wrong. Must not live here: which fields there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ESCAPES: Final = {"t": b"\t", "n": b"\n", "r": b"\r", "\\": b"\\", "0": b"\0"}
CLOSERS: Final = {"[": "]", "(": ")", "{": "}", "<": ">"}
"""How the argument of a modifier ends, by how it begins; any other sign ends it itself."""


class FormatError(Exception):
    """A format string that cannot be used: `position` counts characters from 1."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"{reason} (character {position} of the format)")
        self.position = position
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Modifier:
    """What stands in the braces of a field: a name, and for some an argument, which begins at `position`."""

    name: str
    argument: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Field:
    """A letter after a percent sign."""

    letter: str
    modifier: Modifier | None
    position: int

    @property
    def shown(self) -> str:
        """The field as it was written, without its braces."""
        return f"%{self.letter}"


Piece = bytes | Field

NESTED: Final = "h"
"""The letter whose braces hold a format of its own, that of one header."""


def scan(text: str, start: int = 1) -> list[Piece]:
    """A format string as literals and fields. Raises FormatError."""
    pieces: list[Piece] = []
    literal = bytearray()
    for piece in _pieces(text, start):
        if isinstance(piece, bytes):
            literal += piece
            continue
        if literal:
            pieces.append(bytes(literal))
            literal.clear()
        pieces.append(piece)
    if literal:
        pieces.append(bytes(literal))
    return pieces


def unescape(text: str) -> bytes:
    r"""The bytes of a text with escapes such as `\t` and `\x00`. Raises FormatError."""
    result = bytearray()
    at = 0
    while at < len(text):
        if text[at] == "\\":
            escaped, at = _escape(text, at, 1)
            result += escaped
        else:
            result += _encoded(text[at])
            at += 1
    return bytes(result)


def _pieces(text: str, start: int) -> Iterator[Piece]:
    at = 0
    while at < len(text):
        match text[at]:
            case "\\":
                piece, at = _escape(text, at, start)
                yield piece
            case "%":
                field, at = _field(text, at, start)
                yield field
            case other:
                yield _encoded(other)
                at += 1


def _encoded(character: str) -> bytes:
    """Arguments of a program are bytes: what is no UTF-8 comes as surrogates, and leaves as it was."""
    return character.encode("utf-8", "surrogateescape")


def _escape(text: str, at: int, start: int) -> tuple[bytes, int]:
    letter = text[at + 1 : at + 2]
    if letter in ESCAPES and letter:
        return ESCAPES[letter], at + 2
    if letter == "x":
        digits = text[at + 2 : at + 4]
        if len(digits) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            return bytes([int(digits, 16)]), at + 4
        raise FormatError(start + at, r"\x needs two hexadecimal digits")
    if not letter:
        raise FormatError(start + at, r"a \ stands at the end: write \\ for the sign itself")
    raise FormatError(start + at, rf"there is no escape \{letter}: there are \t \n \r \\ \0 \xHH")


def _field(text: str, at: int, start: int) -> tuple[Piece, int]:
    letter = text[at + 1 : at + 2]
    if not letter:
        raise FormatError(start + at, "a % stands at the end: write %% for the sign itself")
    if letter in "%{}":
        return letter.encode(), at + 2
    if text[at + 2 : at + 3] != "{":
        return Field(letter, None, start + at), at + 2
    read = _nested if letter == NESTED else _modifier
    modifier, end = read(text, at + 3, start)
    return Field(letter, modifier, start + at), end


def _modifier(text: str, at: int, start: int) -> tuple[Modifier, int]:
    """The name up to a brace, or up to the signs that enclose its argument, and what follows the braces."""
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] in ";-"):
        end += 1
    name = text[at:end]
    if text[end : end + 1] == "}":
        return Modifier(name, None, start + at), end + 1
    if end == len(text):
        raise FormatError(start + at - 1, "this brace is not closed")
    opener = text[end]
    begin = end
    while text[begin : begin + 1] == opener:
        begin += 1
    closer = CLOSERS.get(opener, opener) * (begin - end)
    close = text.find(closer, begin)
    if close < 0 or text[close + len(closer) : close + len(closer) + 1] != "}":
        raise FormatError(start + end, f"{opener * (begin - end)} wants to be closed by {closer}}}")
    return Modifier(name, text[begin:close], start + begin), close + len(closer) + 1


def _nested(text: str, at: int, start: int) -> tuple[Modifier, int]:
    """A format in braces, which may have braces of its own."""
    depth, end = 1, at
    while end < len(text):
        if text[end : end + 2] in ("%%", "%{", "%}"):
            end += 2
            continue
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
        if not depth:
            return Modifier("", text[at : end - 1], start + at), end
    raise FormatError(start + at - 1, "this brace is not closed")
