"""The numbers and names of a commit log, each with a type of its own.

Lives here: NewTypes and the pair that names a partition. Must not live here: arithmetic beyond what a number means.
At run time a NewType is the plain number, so it costs nothing to carry one.
"""

from __future__ import annotations

from typing import Final, NamedTuple, NewType

Offset = NewType("Offset", int)
"""The number of a record in its log: the first record ever written has offset 0."""

Position = NewType("Position", int)
"""A byte's distance from the beginning of a store file."""

LeaderEpoch = NewType("LeaderEpoch", int)
"""Counts the leaders that a partition has had; -1 means unknown."""

BrokerId = NewType("BrokerId", int)
"""The number of a broker (Kafka's node.id)."""

ProducerId = NewType("ProducerId", int)
"""The number of an idempotent producer; -1 means that the producer is not idempotent."""

ProducerEpoch = NewType("ProducerEpoch", int)
"""Counts the incarnations of one producer id, 16 bits wide."""

Sequence = NewType("Sequence", int)
"""The number of a record in the stream of one producer to one partition; wraps at 2**31."""

TimestampMs = NewType("TimestampMs", int)
"""Milliseconds since the Unix epoch; -1 means none."""

TopicId = NewType("TopicId", bytes)
"""The 16 bytes of a topic's UUID."""

NO_PRODUCER_ID: Final = ProducerId(-1)
NO_LEADER_EPOCH: Final = LeaderEpoch(-1)
NO_TIMESTAMP: Final = TimestampMs(-1)
NO_TOPIC_ID: Final = TopicId(bytes(16))


class TopicPartition(NamedTuple):
    """Names one partition: hashable, ordered by topic and then by partition."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"
