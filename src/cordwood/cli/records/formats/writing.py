r"""Format strings for what is consumed: compiled once into a function from a record to bytes.

The fields are those of kcat and rpk together; docs/howto/format-strings.md has the table and where the two differ.

Lives here: which fields there are, and how each is written. Must not live here: how a format is scanned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from cordwood.cli.records.formats.numbers import WRITERS, ascii_digits
from cordwood.cli.records.formats.scanning import Field, FormatError, Modifier, Piece, scan
from cordwood.cli.records.formats.texts import text_writer

if TYPE_CHECKING:
    from cordwood.cli.records.message import Header, Message

Get = Callable[[Any], Any]
"""From what is shown to one thing of it."""

Write = Callable[[Any], bytes]
"""From what is shown to what stands in the output."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The fields of a kind of thing: letters of texts and of numbers, and those that need more than a table."""

    texts: Mapping[str, Get]
    numbers: Mapping[str, Get]
    special: Mapping[str, Callable[[Field], Write]]


class Formatted:
    """Records by a format string, and nothing else. Raises FormatError."""

    def __init__(self, text: str) -> None:
        self._write = record_writer(text)

    def begin(self) -> bytes:
        return b""

    def some(self, messages: Sequence[Message]) -> bytes:
        return b"".join(map(self._write, messages))

    def end(self) -> bytes:
        return b""


def record_writer(text: str) -> Callable[[Message], bytes]:
    """The function of a format string. Raises FormatError."""
    return _compiled(scan(text), RECORD)


def _compiled(pieces: list[Piece], vocabulary: Vocabulary) -> Write:
    """One template of bytes, filled by the fields: much faster than a call for each literal."""
    template = b"".join(piece.replace(b"%", b"%%") if isinstance(piece, bytes) else b"%b" for piece in pieces)
    fields = [_writer(piece, vocabulary) for piece in pieces if isinstance(piece, Field)]
    if len(fields) == 1:
        only = fields[0]
        return lambda shown: template % only(shown)
    if len(fields) == 2:
        first, second = fields
        return lambda shown: template % (first(shown), second(shown))
    return lambda shown: template % tuple([field(shown) for field in fields])


def _writer(field: Field, vocabulary: Vocabulary) -> Write:
    letter = field.letter
    if letter in vocabulary.texts:
        return _text(vocabulary.texts[letter], text_writer(field.modifier))
    if letter in vocabulary.numbers:
        return _number(vocabulary.numbers[letter], field.modifier)
    if letter in vocabulary.special:
        return vocabulary.special[letter](field)
    if letter in ABSENT and vocabulary is RECORD:
        raise FormatError(field.position, f"{field.shown} is not known here: {ABSENT[letter]}")
    known = " ".join(f"%{name}" for name in (*vocabulary.texts, *vocabulary.numbers, *vocabulary.special))
    raise FormatError(field.position, f"there is no field {field.shown}: {known}")


def _text(get: Get, write: Callable[[bytes], bytes] | None) -> Write:
    if write is None:
        return lambda shown: get(shown) or b""
    return lambda shown: write(get(shown) or b"")


def _number(get: Get, modifier: Modifier | None) -> Write:
    write = ascii_digits if modifier is None else _number_writer(modifier)
    return lambda shown: write(get(shown))


def _number_writer(modifier: Modifier) -> Callable[[int], bytes]:
    if modifier.name not in WRITERS or modifier.argument is not None:
        raise FormatError(modifier.position, f"numbers are not written as {modifier.name}: {' '.join(WRITERS)}")
    return WRITERS[modifier.name]


# What there is to get.


def _length(data: bytes | None) -> int:
    return -1 if data is None else len(data)


def _timestamp(message: Message) -> int:
    kind, timestamp_ms = message.timestamp()
    return timestamp_ms if kind else -1


def _leader_epoch(message: Message) -> int:
    epoch = message.leader_epoch()
    return -1 if epoch is None else epoch


def _headers(message: Message) -> list[Header]:
    return message.headers() or []


# What needs more than a getter.


def _binary_length(field: Field) -> Write:
    """What kcat writes for %R: the length of the value as four bytes, big-endian."""
    _check_is_bare(field)
    write = WRITERS["big32"]
    return lambda message: write(_length(message.value()))


def _counter(field: Field) -> Write:
    write = ascii_digits if field.modifier is None else _number_writer(field.modifier)
    counted = count(1)
    return lambda _: write(next(counted))


def _date(field: Field) -> Write:
    modifier = field.modifier
    if modifier is not None and modifier.name == "go":
        raise FormatError(modifier.position, "layouts of Go are not known here: strftime[%F %T]")
    if modifier is None or modifier.name != "strftime":
        return _number(_timestamp, modifier)
    if modifier.argument is None:
        raise FormatError(modifier.position, "strftime wants a format: strftime[%F %T]")
    layout = modifier.argument
    return lambda message: _formatted(_timestamp(message), layout)


def _formatted(timestamp_ms: int, layout: str) -> bytes:
    """A time in UTC; what is no time of the calendar stays a number."""
    try:
        moment = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return ascii_digits(timestamp_ms)
    return moment.strftime(layout).encode("utf-8", "surrogateescape")


def _attribute(field: Field) -> Write:
    modifier = field.modifier
    if modifier is None:
        raise FormatError(field.position, "%a wants to know which attribute: %a{timestamp-type}")
    name, _, form = modifier.name.partition(";")
    if name != "timestamp-type":
        raise FormatError(modifier.position, f"the attribute {name} is not known here, only timestamp-type")
    write = _number_writer(Modifier(form or "ascii", None, modifier.position + len(name) + 1))
    return lambda message: write(message.timestamp()[0] - 1)


def _header_list(field: Field) -> Write:
    """Like kcat `name=value`, separated by commas; like rpk whatever the braces say of each header."""
    if field.modifier is None:
        return lambda message: b",".join(
            [b"%b=%b" % (name.encode(), _told(value)) for name, value in _headers(message)]
        )
    pieces = scan(field.modifier.argument or "", field.modifier.position)
    write = _compiled(pieces, HEADER)
    return lambda message: b"".join([write(header) for header in _headers(message)])


def _told(value: bytes | None) -> bytes:
    return b"NULL" if value is None else value


def _check_is_bare(field: Field) -> None:
    if field.modifier is not None:
        raise FormatError(field.modifier.position, f"{field.shown} takes no braces")


def _value(message: Message) -> bytes | None:
    return message.value()


def _key(message: Message) -> bytes | None:
    return message.key()


RECORD: Final = Vocabulary(
    texts={"t": lambda message: message.topic().encode(), "k": _key, "v": _value, "s": _value},
    numbers={
        "K": lambda message: _length(message.key()),
        "V": lambda message: _length(message.value()),
        "S": lambda message: _length(message.value()),
        "T": _timestamp,
        "p": lambda message: message.partition(),
        "o": lambda message: message.offset(),
        "e": _leader_epoch,
        "H": lambda message: len(_headers(message)),
    },
    special={"R": _binary_length, "d": _date, "h": _header_list, "a": _attribute, "i": _counter},
)

HEADER: Final = Vocabulary(
    texts={"k": lambda header: header[0].encode(), "v": lambda header: header[1], "s": lambda header: header[1]},
    numbers={
        "K": lambda header: len(header[0].encode()),
        "V": lambda header: _length(header[1]),
        "S": lambda header: _length(header[1]),
    },
    special={},
)

ABSENT: Final = {
    "x": "librdkafka does not tell the producer's id",
    "y": "librdkafka does not tell the producer's epoch",
    "[": "`cordwood topic offsets` shows where logs begin",
    "|": "`cordwood topic offsets` shows where logs end",
    "]": "`cordwood topic offsets` shows where logs end",
}
"""What rpk has and we do not, with the reason."""
