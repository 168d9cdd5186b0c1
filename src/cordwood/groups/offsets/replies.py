"""What questions about committed offsets are answered with.

Lives here: the replies as values. Must not live here: decisions, and the layout of responses (broker).
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from cordwood.model.errors import CordwoodError


class OffsetsCommitted(msgspec.Struct, frozen=True):
    """For each offset of the command, in its order, None or why it was not committed."""

    errors: tuple[CordwoodError | None, ...]


class FetchedOffset(NamedTuple):
    """How far the group is in one partition; `offset` -1 without an error: nothing was committed."""

    topic: str
    partition: int
    offset: int = -1
    leader_epoch: int = -1
    metadata: str = ""
    error: CordwoodError | None = None


class OffsetsFetched(msgspec.Struct, frozen=True):
    """The offsets in the order of the question; all of a group come topic by topic."""

    offsets: tuple[FetchedOffset, ...]


class OffsetsDeleted(msgspec.Struct, frozen=True):
    """For each partition of the command, in its order, None or why its offset stays."""

    errors: tuple[CordwoodError | None, ...]
