r"""Format strings for what is to be produced: compiled once into a function that reads one record after the other.

A text ends where its length says, if a length came before it (`%K{big32}%k`), and otherwise before the literal that
follows it (`%k\t`). After the last literal of a format the input may end as well.

Lives here: which fields can be read, and what each does with the input. Must not live here: how a format is scanned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cordwood.cli.records.formats.numbers import READERS
from cordwood.cli.records.formats.scanning import Field, FormatError, Modifier, Piece, scan
from cordwood.cli.records.formats.texts import text_reader
from cordwood.cli.records.input.feed import Feed, InputError
from cordwood.cli.records.message import Header, Outgoing

if TYPE_CHECKING:
    from cordwood.cli.records.formats.texts import Convert


@dataclass(slots=True)
class Draft:
    """A record, or a header, of which some is read. `lengths` are by the letter of what they measure."""

    texts: dict[str, bytes | None] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    headers: list[Header] = field(default_factory=list)
    partition: int | None = None
    timestamp_ms: int | None = None


Step = Callable[[Feed, Draft], None]
"""Reads a piece of the format."""

LENGTH_OF: Final = {"K": "k", "V": "v", "S": "v", "R": "v", "H": "h"}
"""Which text a length measures, or which list a number counts."""

TEXTS: Final = {"k": "k", "v": "v", "s": "v"}

IGNORED: Final = {
    "t": "the topic is an argument of the command",
    "o": "the log gives the offset",
    "e": "the log gives the leader's epoch",
    "i": "records are counted anyway",
    "a": "the log gives the attributes",
}
"""What can be written and not read, with the reason."""


def record_reader(text: str) -> Callable[[Feed], Outgoing]:
    """The function of a format string, which raises InputError. Raises FormatError."""
    pieces = scan(text)
    if not any(isinstance(piece, Field) for piece in pieces):
        raise FormatError(1, "a format needs a field, as %v\\n")
    steps = _steps(pieces, may_end=True)

    def read(feed: Feed) -> Outgoing:
        draft = Draft()
        for step in steps:
            step(feed, draft)
        texts = draft.texts
        return Outgoing(texts.get("k"), texts.get("v"), tuple(draft.headers), draft.partition, draft.timestamp_ms)

    return read


def _steps(pieces: list[Piece], *, may_end: bool) -> list[Step]:
    """What to do for each piece. `measured` are the texts whose length is known by then."""
    steps: list[Step] = []
    measured: set[str] = set()
    at = 0
    while at < len(pieces):
        piece, at = pieces[at], at + 1
        if isinstance(piece, bytes):
            steps.append(_literal(piece, may_end=may_end and at == len(pieces)))
        elif piece.letter in LENGTH_OF:
            steps.append(_length(piece, measured))
        elif piece.letter in ("p", "T", "d"):
            steps.append(_plain_number(piece))
        elif piece.letter == "h":
            steps.append(_headers(piece, measured))
        elif piece.letter not in TEXTS:
            raise FormatError(piece.position, _complaint(piece))
        elif TEXTS[piece.letter] in measured:
            steps.append(_measured_text(piece))
        elif at == len(pieces):
            steps.append(_last_text(piece, may_end=may_end))
        else:
            delimiter, at = pieces[at], at + 1
            steps.append(_delimited_text(piece, delimiter, may_end=may_end and at == len(pieces)))
    return steps


def _complaint(piece: Field) -> str:
    if piece.letter in IGNORED:
        return f"{piece.shown} cannot be read: {IGNORED[piece.letter]}"
    return f"there is no field {piece.shown} to be read: %k %v %s %K %V %S %R %h %H %p %d %T"


def _literal(literal: bytes, *, may_end: bool) -> Step:
    return lambda feed, _: feed.skip(literal, may_end=may_end)


# Numbers.


def _length(piece: Field, measured: set[str]) -> Step:
    of = LENGTH_OF[piece.letter]
    if of in measured:
        raise FormatError(piece.position, f"{piece.shown} is told twice")
    measured.add(of)
    read = _number(piece)

    def step(feed: Feed, draft: Draft) -> None:
        draft.lengths[of] = read(feed)

    return step


def _plain_number(piece: Field) -> Step:
    read = _number(piece)
    if piece.letter == "p":

        def partition(feed: Feed, draft: Draft) -> None:
            draft.partition = read(feed)

        return partition

    def timestamp(feed: Feed, draft: Draft) -> None:
        draft.timestamp_ms = read(feed)

    return timestamp


def _number(piece: Field) -> Callable[[Feed], int]:
    """Reads a number: digits as far as they go, or a fixed size."""
    modifier = Modifier("big32", None, piece.position) if piece.letter == "R" else piece.modifier
    if modifier is None or modifier.name == "ascii":
        return _digits
    read: Callable[[bytes], int] = int
    if modifier.name.isdecimal():
        size = int(modifier.name)
    elif modifier.name in READERS and modifier.argument is None:
        size, read = READERS[modifier.name]
    else:
        raise FormatError(
            modifier.position, f"numbers are not read as {modifier.name}: ascii, so many digits, {' '.join(READERS)}"
        )

    def number(feed: Feed) -> int:
        data = feed.take(size)
        try:
            return read(data)
        except ValueError:
            raise InputError(f"{data!r} is no number") from None

    return number


def _digits(feed: Feed) -> int:
    data = feed.digits()
    try:
        return int(data)
    except ValueError:
        raise InputError(f"a number was expected, {data!r} came") from None


# Texts.


def _measured_text(piece: Field) -> Step:
    name, convert = TEXTS[piece.letter], text_reader(piece.modifier)

    def step(feed: Feed, draft: Draft) -> None:
        length = draft.lengths[name]
        draft.texts[name] = None if length < 0 else _converted(convert, feed.take(length))

    return step


def _delimited_text(piece: Field, delimiter: Piece, *, may_end: bool) -> Step:
    if not isinstance(delimiter, bytes):
        length = next(letter for letter, of in LENGTH_OF.items() if of == TEXTS[piece.letter])
        raise FormatError(
            piece.position, f"nothing says where {piece.shown} ends: put a literal behind it, or %{length} before it"
        )
    name, convert = TEXTS[piece.letter], text_reader(piece.modifier)

    def step(feed: Feed, draft: Draft) -> None:
        draft.texts[name] = _converted(convert, feed.until(delimiter, may_end=may_end))

    return step


def _last_text(piece: Field, *, may_end: bool) -> Step:
    """A text up to the end of the input."""
    if not may_end:
        raise FormatError(piece.position, f"nothing says where {piece.shown} ends: put a literal behind it")
    name, convert = TEXTS[piece.letter], text_reader(piece.modifier)

    def step(feed: Feed, draft: Draft) -> None:
        draft.texts[name] = _converted(convert, feed.rest())

    return step


def _converted(convert: Convert | None, data: bytes) -> bytes:
    if convert is None:
        return data
    try:
        return convert(data)
    except ValueError as error:
        raise InputError(f"{data[:40]!r} cannot be decoded: {error}") from error


# Headers.


def _headers(piece: Field, measured: set[str]) -> Step:
    if piece.modifier is None:
        raise FormatError(piece.position, "%h wants to know how a header is written: %h{%k=%v }")
    if "h" not in measured:
        raise FormatError(piece.position, "nothing says how many headers there are: put %H before %h")
    pieces = scan(piece.modifier.argument or "", piece.modifier.position)
    for inner in pieces:
        if isinstance(inner, Field) and inner.letter not in "kKvVsSR":
            raise FormatError(inner.position, f"there is no {inner.shown} in a header: %k %v %s %K %V %S %R")
    steps = _steps(pieces, may_end=False)

    def step(feed: Feed, draft: Draft) -> None:
        for _ in range(draft.lengths["h"]):
            header = Draft()
            for inner in steps:
                inner(feed, header)
            draft.headers.append((_name(header.texts.get("k")), header.texts.get("v")))

    return step


def _name(data: bytes | None) -> str:
    try:
        return (data or b"").decode()
    except UnicodeDecodeError:
        raise InputError(f"the name of a header has to be UTF-8: {data!r}") from None
