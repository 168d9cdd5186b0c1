"""Records on standard output: as a table for people, as JSON, JSON lines or YAML.

A table is written while records come, so its columns have fixed widths: what is longer moves the rest of its line.

Lives here: what is written for a record. Must not live here: writing it (`stdout`), lists of any things
(`streams`), format strings (`formats`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec import UNSET, Raw

from cordwood.cli.records.json_record import SHOW, Decoder, record_line
from cordwood.cli.records.streams import JsonArray, JsonLines, Yaml
from cordwood.cli.terminal.output import GAP, NOTHING, Output

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cordwood.cli.records.json_record import Shown
    from cordwood.cli.records.message import Header, Message
    from cordwood.cli.records.streams import Form

TOPIC_WIDTH: Final = 16
PARTITION_WIDTH: Final = len("PARTITION")
OFFSET_WIDTH: Final = 8
TIMESTAMP_WIDTH: Final = len("2026-11-21T17:00:00.000Z")
KEY_WIDTH: Final = 16


class RecordTable:
    """Columns for people; the topic is only shown where there may be several."""

    def __init__(self, key: Decoder, value: Decoder, *, shows_topic: bool) -> None:
        self._key, self._value = SHOW[key], SHOW[value]
        self._shows_topic = shows_topic

    def begin(self) -> bytes:
        return self._row("TOPIC", "PARTITION", "OFFSET", "TIMESTAMP", "KEY", "VALUE", "HEADERS")

    def some(self, messages: Sequence[Message]) -> bytes:
        return b"".join(map(self._record, messages))

    def end(self) -> bytes:
        return b""

    def _record(self, message: Message) -> bytes:
        return self._row(
            message.topic(),
            str(message.partition()),
            str(message.offset()),
            _time(*message.timestamp()),
            _cell(self._key, message.key()),
            _cell(self._value, message.value()),
            _headers(message.headers() or []),
        )

    def _row(self, topic: str, partition: str, offset: str, timestamp: str, *rest: str) -> bytes:
        key, value, headers = rest
        cells = (
            partition.rjust(PARTITION_WIDTH),
            offset.rjust(OFFSET_WIDTH),
            timestamp.ljust(TIMESTAMP_WIDTH),
            key.ljust(KEY_WIDTH),
            value,
            headers,
        )
        row = GAP.join((topic.ljust(TOPIC_WIDTH), *cells) if self._shows_topic else cells)
        return row.rstrip().encode() + b"\n"


def form_of(output: Output, key: Decoder, value: Decoder, *, shows_topic: bool) -> Form[Message]:
    """The form that was asked for by name."""
    match output:
        case Output.TABLE:
            return RecordTable(key, value, shows_topic=shows_topic)
        case Output.JSON:
            return JsonArray(record_line(key, value))
        case Output.JSONL:
            return JsonLines(record_line(key, value))
        case Output.YAML:
            return Yaml(record_line(key, value))


def _time(kind: int, timestamp_ms: int) -> str:
    if not kind:
        return NOTHING
    try:
        moment = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):  # No time of the calendar.
        return str(timestamp_ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cell(show: Callable[[bytes | None], Shown], data: bytes | None) -> str:
    if show is SHOW[Decoder.TEXT]:
        return _text(data)
    shown = show(data)
    if isinstance(shown.plain, Raw):
        return _visible(bytes(shown.plain).decode())
    if shown.plain is None or isinstance(shown.plain, str):
        return NOTHING if shown.plain is None else _visible(shown.plain)
    return str(shown.base64 if shown.base64 is not UNSET else shown.hexadecimal)


def _text(data: bytes | None) -> str:
    """Bytes as people may read them: one line, and nothing that a terminal would obey."""
    return NOTHING if data is None else _visible(data.decode("utf-8", "backslashreplace"))


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _headers(headers: list[Header]) -> str:
    return ",".join([f"{_visible(name)}={_text(value)}" for name, value in headers])
