"""What is written about committed offsets.

Lives here: the records. Must not live here: their bytes (wire.stored by way of the coordinator), and what they change
(`table`).
"""

from __future__ import annotations

from cordwood.groups.record import Record
from cordwood.model.ids import NO_PRODUCER_ID, NO_TOPIC_ID, TopicId


# gc=False: a coordinator keeps one for each group and partition, and text and numbers cannot make a cycle.
class OffsetCommitted(Record, frozen=True, gc=False):
    """The group goes on at `offset` in the partition.

    `expire_timestamp_ms` is set where the client gave a retention time of its own (OffsetCommit 2 to 4); -1 otherwise.
    With a producer id the commit is part of that producer's transaction, and counts once it is committed.
    """

    topic: str
    partition: int
    offset: int
    leader_epoch: int = -1
    metadata: str = ""
    commit_timestamp_ms: int = -1
    expire_timestamp_ms: int = -1
    topic_id: TopicId = NO_TOPIC_ID
    producer_id: int = NO_PRODUCER_ID
    producer_epoch: int = -1


class OffsetRemoved(Record, frozen=True, gc=False):
    """The group has no offset in the partition any more, not even one that waits for the end of a transaction."""

    topic: str
    partition: int
