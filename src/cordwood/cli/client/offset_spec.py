"""Offsets as people write them.

    point := start | end | OFFSET | -N (so many before the end) | @TIME (the first record at or after it)
    range := point | [point] ":" [point]                half open; the end is left out
           | "@" TIME ":" TIME                          the second @ may be left out
    TIME  := ISO 8601 (UTC unless it says otherwise) | milliseconds since 1970 | now | -DURATION (before now)
    DURATION := such as 90s, 15m, 1h30m, 7d; units ms s m h d w

Lives here: the grammar. Must not live here: asking a cluster which offset that is (`offsets`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeAlias

UNITS_MS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION: Final = re.compile(r"(?:\d+(?:ms|[smhdw]))+")
_PART: Final = re.compile(r"(\d+)(ms|[smhdw])")
_MAX: Final = (1 << 63) - 1


class BadOffset(ValueError):
    """Text that is no offset; the message says what is."""


@dataclass(frozen=True, slots=True)
class Start:
    """The first record that is there."""


@dataclass(frozen=True, slots=True)
class End:
    """Behind the last record."""


@dataclass(frozen=True, slots=True)
class At:
    """This very offset."""

    offset: int


@dataclass(frozen=True, slots=True)
class BeforeEnd:
    """So many offsets before the end, but not before the start."""

    distance: int


@dataclass(frozen=True, slots=True)
class AtTime:
    """The first record with this timestamp or a later one; the end, if there is none."""

    timestamp_ms: int


Point: TypeAlias = "Start | End | At | BeforeEnd | AtTime"


class OffsetRange(NamedTuple):
    """From a point up to another, which is left out; None: without end."""

    start: Point
    end: Point | None


def parse_point(text: str, now_ms: int) -> Point:
    """One place in a partition. Raises BadOffset."""
    if text == "start":
        return Start()
    if text == "end":
        return End()
    if text.startswith("@"):
        return AtTime(parse_time(text[1:], now_ms))
    if re.fullmatch(r"-?[0-9]{1,19}", text) and abs(int(text)) <= _MAX:
        return BeforeEnd(-int(text)) if text.startswith("-") else At(int(text))
    raise BadOffset(f"{text!r} is no offset: write start, end, an offset, -N for the last N, or @TIME")


def parse_range(text: str, now_ms: int) -> OffsetRange:
    """A point to begin at, or where to begin and to stop. Raises BadOffset."""
    try:
        return OffsetRange(parse_point(text, now_ms), None)
    except BadOffset:
        # Times have colons of their own: the last colon that leaves a point on either side is the one.
        for colon in reversed([place for place, letter in enumerate(text) if letter == ":"]):
            start, end = text[:colon], text[colon + 1 :]
            if start.startswith("@") and (end.isdecimal() or not _is_point(end)):
                end = f"@{end}"
            if _is_point(start) and _is_point(end):
                return OffsetRange(
                    parse_point(start, now_ms) if start else Start(), parse_point(end, now_ms) if end else None
                )
        raise


def parse_time(text: str, now_ms: int) -> int:
    """Milliseconds since 1970. Raises BadOffset."""
    if text == "now":
        return now_ms
    if text.isascii() and text.isdigit() and int(text) <= _MAX:
        return int(text)
    if text.startswith("-") and _DURATION.fullmatch(text[1:]):
        return max(0, now_ms - parse_duration_ms(text[1:]))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadOffset(
            f"{text!r} is no time: write 2026-11-21T17:00:00Z, milliseconds since 1970, now, or -1h30m for so long ago"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0, round(moment.timestamp() * 1000))


def parse_duration_ms(text: str) -> int:
    """Milliseconds of a duration such as 1h30m. Raises BadOffset."""
    if not _DURATION.fullmatch(text):
        raise BadOffset(f"{text!r} is no duration: write 90s, 15m, 1h30m, 7d")
    return sum(int(count) * UNITS_MS[unit] for count, unit in _PART.findall(text))


def _is_point(text: str) -> bool:
    if not text:
        return True
    try:
        parse_point(text, 0)
    except BadOffset:
        return False
    return True
