"""Input in which each line is a record, and input that is one record as a whole.

Lives here: text, with or without keys. Must not live here: JSON (documents.py), format strings (formats.reading).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cordwood.cli.records.message import Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.cli.records.input.feed import Feed


def read_lines(feed: Feed, key_delimiter: bytes | None = None) -> Iterator[Outgoing]:
    """A record for each line. With a delimiter the key stands before the first one; without one there is no key.

    Raises InputError.
    """
    if key_delimiter is None:
        for line in feed.lines():
            yield Outgoing(None, line)
        return
    for line in feed.lines():
        before, delimiter, after = line.partition(key_delimiter)
        yield Outgoing(before, after) if delimiter else Outgoing(None, line)


def read_whole(feed: Feed) -> Iterator[Outgoing]:
    """One record, whose value is all there is. Raises InputError."""
    yield Outgoing(None, feed.rest())
