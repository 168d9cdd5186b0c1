"""Input in JSON: an object on each line, or objects in one array that may be as long as it likes.

Lives here: finding the objects. Must not live here: what is in them (json_record.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cordwood.cli.records.input.feed import InputError
from cordwood.cli.records.json_record import read_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.cli.records.input.feed import Feed
    from cordwood.cli.records.message import Outgoing

SPACE: Final = b" \t\r\n"
_MARKS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|["{}]', re.DOTALL)
"""What an object is delimited by. A quotation mark alone begins a string whose end has not come yet."""


def read_json_lines(feed: Feed) -> Iterator[Outgoing]:
    """A record for each line that is not empty. Raises InputError."""
    for line in feed.lines():
        if line.strip(SPACE):
            yield read_record(line)


def read_json(feed: Feed) -> Iterator[Outgoing]:
    """A record for each object of an array, or of objects one after the other. Raises InputError."""
    first = feed.peek(SPACE)
    if first == b"[":
        feed.skip(b"[", may_end=False)
        yield from _elements(feed)
        first = feed.peek(SPACE)
    while first:
        yield read_record(_object(feed, first))
        first = feed.peek(SPACE)


def _elements(feed: Feed) -> Iterator[Outgoing]:
    """The objects of an array up to its bracket."""
    following = feed.peek(SPACE)
    while following != b"]":
        yield read_record(_object(feed, following))
        following = feed.peek(SPACE)
        if following == b",":
            feed.skip(b",", may_end=False)
            following = feed.peek(SPACE)
        elif following != b"]":
            raise InputError(f"a comma or ] was expected, {_shown(following)} came")
    feed.skip(b"]", may_end=False)


def _object(feed: Feed, first: bytes) -> bytes:
    if first != b"{":
        raise InputError(f"an object was expected, {_shown(first)} came")
    return feed.whole(_ObjectEnd())


def _shown(found: bytes) -> str:
    return repr(found) if found else "the end"


class _ObjectEnd:
    """Where an object ends; goes on where it stopped when there is more to look at."""

    def __init__(self) -> None:
        self._depth = 0
        self._seen = 0

    def __call__(self, data: bytearray, start: int) -> int:
        for mark in _MARKS.finditer(data, start + self._seen):
            sign = mark[0]
            if sign == b'"':
                self._seen = mark.start() - start
                return -1
            self._depth += {b"{": 1, b"}": -1}.get(sign, 0)
            if not self._depth:
                return mark.end()
        self._seen = len(data) - start
        return -1
