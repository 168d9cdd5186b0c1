"""The records of consumer groups: Kafka's types 3 to 8 and 16 of `__consumer_offsets`, each with its removal.

Lives here: the records. Must not live here: their bytes (`wire.stored`), and what they come to (`replay`).
"""

from __future__ import annotations

from typing import ClassVar

from cordwood.groups.consumer.member import MemberMetadata, MemberState
from cordwood.groups.consumer.partitions import Partitions
from cordwood.groups.record import Record


class EpochStored(Record, frozen=True):
    """Type 3, ConsumerGroupMetadata: the group's epoch, and the hash of the topics that it subscribes to."""

    epoch: int
    metadata_hash: int = 0
    """Signed, 64 bits; 0 when none of the topics exists."""


class EpochRemoved(Record, frozen=True):
    """The removal of type 3: with it the group ceases to be."""


class PartitionMetadataStored(Record, frozen=True):
    """Type 4, ConsumerGroupPartitionMetadata: written by Kafka 4.0, by which the hash of type 3 was not known yet.

    It is read, so that it can be removed, and never written; what it says of topics is not needed.
    """


class PartitionMetadataRemoved(Record, frozen=True):
    """The removal of type 4."""


class MemberStored(Record, frozen=True):
    """Type 5, ConsumerGroupMemberMetadata: what a member says of itself."""

    member_id: str
    metadata: MemberMetadata


class MemberRemoved(Record, frozen=True):
    """The removal of type 5: with it the member ceases to be."""

    member_id: str


class TargetEpochStored(Record, frozen=True):
    """Type 6, ConsumerGroupTargetAssignmentMetadata: the epoch that the targets belong to."""

    epoch: int


class TargetEpochRemoved(Record, frozen=True):
    """The removal of type 6."""


class TargetStored(Record, frozen=True):
    """Type 7, ConsumerGroupTargetAssignmentMember: what a member is to have."""

    member_id: str
    partitions: Partitions


class TargetRemoved(Record, frozen=True):
    """The removal of type 7."""

    member_id: str


class CurrentStored(Record, frozen=True):
    """Type 8, ConsumerGroupCurrentMemberAssignment: how far a member has come."""

    member_id: str
    epoch: int
    previous_epoch: int
    state: MemberState
    assigned: Partitions
    revoking: Partitions


class CurrentRemoved(Record, frozen=True):
    """The removal of type 8."""

    member_id: str


class RegexStored(Record, frozen=True):
    """Type 16, ConsumerGroupRegularExpression: the topics that a regular expression stands for."""

    regex: str
    topics: frozenset[str]
    version: int
    """Of the topics, when this was found out."""
    timestamp_ms: int


class RegexRemoved(Record, frozen=True):
    """The removal of type 16."""

    regex: str


class TopicsSeen(Record, frozen=True):
    """Transient: the group's hash and regular expressions are those of this version of the topics."""

    stored: ClassVar[bool] = False

    version: int


class RejoinAwaited(Record, frozen=True):
    """Transient: a classic member was told to join again and has its rebalance timeout for it."""

    stored: ClassVar[bool] = False

    member_id: str


class Rejoined(Record, frozen=True):
    """Transient: it did."""

    stored: ClassVar[bool] = False

    member_id: str
