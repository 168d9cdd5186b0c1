"""What may be asked about committed offsets.

Lives here: the commands as values. Must not live here: decisions, and the layout of requests (broker).
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from cordwood.model.ids import NO_PRODUCER_ID, NO_TOPIC_ID, TopicId, TopicPartition


class CommitOffset(NamedTuple):
    """The next offset to read of one partition, and what the client wants to keep with it."""

    topic: str
    partition: int
    offset: int
    leader_epoch: int = -1
    metadata: str = ""
    topic_id: TopicId = NO_TOPIC_ID


class Commit(msgspec.Struct, frozen=True):
    """Commits offsets; answered by `OffsetsCommitted`, or by an error that concerns all of them.

    `generation` is the generation or the member epoch of the committing member, -1 for somebody outside of the group.
    With a producer id the commit is part of that producer's transaction (TxnOffsetCommit).
    """

    group: str
    offsets: tuple[CommitOffset, ...]
    member_id: str = ""
    instance_id: str | None = None
    generation: int = -1
    retention_ms: int = -1
    """How long the offsets are to be kept, of clients of old; -1 leaves it to the broker."""
    knows_epochs: bool = True
    """Whether the client knows the errors that came with KIP-848 (OffsetCommit 9 and later)."""
    producer_id: int = NO_PRODUCER_ID
    producer_epoch: int = -1


class FetchOffsets(msgspec.Struct, frozen=True):
    """Asks for offsets, by default all of the group; answered by `OffsetsFetched` or an error.

    `member_id` and `member_epoch` are checked in a group of the consumer protocol, where they are given.
    """

    group: str
    partitions: tuple[TopicPartition, ...] | None = None
    member_id: str | None = None
    member_epoch: int = -1
    require_stable: bool = False
    """Whether an offset over which an open transaction still decides is an error instead of the one before."""


class DeleteOffsets(msgspec.Struct, frozen=True):
    """Removes offsets of topics to which the group is not subscribed; answered by `OffsetsDeleted` or an error."""

    group: str
    partitions: tuple[TopicPartition, ...]


class ForgetTopics(msgspec.Struct, frozen=True):
    """Topics were deleted: removes the offsets that any group has in them. Answered by None."""

    topics: frozenset[str]
