"""What is to be consumed of each partition: from an offset on, up to another or without end.

    log        start ────────────────────────── end
    asked          A ═══════════ B                     what is below the start is gone, what is above the end not there yet

Lives here: where partitions begin and end, by what was asked for; which records are inside; when all are through. Must not
live here: a client.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import methodcaller
from typing import TYPE_CHECKING, Final

from cordwood.cli.client.offset_spec import At, AtTime, BeforeEnd, End, Point, Start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cordwood.cli.client.offsets import Bounds, Place
    from cordwood.cli.records.message import Message


NO_END: Final = 1 << 63
"""No offset is as large."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a partition: from `start` on up to `end`, which is left out; None is without end.

    `position` is where a client begins: not at an offset that is not there yet.
    """

    start: int
    end: int | None
    position: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be inside."""
        return self.end is not None and self.start >= self.end


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for of each partition. Without `follows` nothing is waited for that is not there now."""

    start: Point
    end: Point | None
    stops_at_end: bool
    follows: bool

    @property
    def points(self) -> tuple[Point, ...]:
        """What has to be known of each partition beside its bounds: the offsets of times."""
        return tuple(point for point in (self.start, self.end) if isinstance(point, AtTime))

    def window(self, bounds: Bounds, times: Mapping[Point, int]) -> Window:
        """The part of a partition that is meant."""
        start = _offset_of(self.start, bounds, times)
        if self.end is not None:
            end: int | None = _offset_of(self.end, bounds, times)
            if not self.follows:
                end = min(end or 0, bounds.end)
        else:
            end = bounds.end if self.stops_at_end else None
        return Window(start, end, max(bounds.start, min(start, bounds.end)))


def _offset_of(point: Point, bounds: Bounds, times: Mapping[Point, int]) -> int:
    match point:
        case Start():
            return bounds.start
        case End():
            return bounds.end
        case At(offset):
            return offset
        case BeforeEnd(distance):
            return max(bounds.start, bounds.end - distance)
        case AtTime():
            return times[point]


class Windows:
    """The windows that records still come from."""

    def __init__(self, windows: Mapping[Place, Window], *, follows: bool) -> None:
        self._open = {place: window for place, window in windows.items() if not window.is_empty}
        self._follows = follows
        self._closed: list[Place] = []
        begins_inside = all(window.start <= window.position for window in self._open.values())
        self._safe_end = min((_end(window) for window in self._open.values()), default=0) if begins_inside else 0

    @property
    def positions(self) -> dict[Place, int]:
        """Where a client begins, in partitions in which there may be something."""
        return {place: window.position for place, window in self._open.items()}

    @property
    def is_bounded(self) -> bool:
        """Whether there is an end in sight without anybody producing."""
        return not self._follows and all(window.end is not None for window in self._open.values())

    @property
    def is_through(self) -> bool:
        """Whether nothing is left to be consumed."""
        return not self._open

    @property
    def total(self) -> int | None:
        """How many offsets the open windows span; None if one has no end."""
        if any(window.end is None for window in self._open.values()):
            return None
        return sum(_end(window) - window.start for window in self._open.values())

    def inside(self, messages: Sequence[Message]) -> Sequence[Message]:
        """The records that are in their windows. A window closes when its last offset is seen, or one behind it.

        Most batches are far from any end, which the largest of their offsets shows: a look at each record costs as much
        as to consume and to write it.
        """
        if max(map(_OFFSET, messages), default=-1) < self._safe_end - 1:
            return messages
        return [message for message in messages if self._is_inside(message)]

    def reached_end(self, place: Place) -> None:
        """A partition has no more for now: what is left of its window are markers of transactions, or compacted away."""
        window = self._open.get(place)
        if window is not None and window.end is not None and not self._follows:
            self._close(place)

    def take_closed(self) -> list[Place]:
        """The partitions whose windows were closed since the last time."""
        closed, self._closed = self._closed, []
        return closed

    def _is_inside(self, message: Message) -> bool:
        place = (message.topic(), message.partition())
        window = self._open.get(place)
        if window is None:
            return False
        offset = message.offset()
        if offset >= _end(window) - 1:
            self._close(place)
        return window.start <= offset < _end(window)

    def _close(self, place: Place) -> None:
        """From now on each record is looked at: those of a closed window may still come."""
        del self._open[place]
        self._closed.append(place)
        self._safe_end = 0


_OFFSET: Final = methodcaller("offset")


def _end(window: Window) -> int:
    return NO_END if window.end is None else window.end
