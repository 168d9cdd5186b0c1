"""The records that take a member, or a whole group, away.

Lives here: those records, in the order that Kafka's readers want. Must not live here: why somebody goes.
"""

from __future__ import annotations

from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.records import (
    CurrentRemoved,
    EpochRemoved,
    MemberRemoved,
    PartitionMetadataRemoved,
    RegexRemoved,
    TargetEpochRemoved,
    TargetRemoved,
)
from cordwood.groups.record import Record


def member_removal(group: str, member_id: str) -> tuple[Record, ...]:
    """Takes a member away."""
    return (CurrentRemoved(group, member_id), TargetRemoved(group, member_id), MemberRemoved(group, member_id))


def group_removal(group: ConsumerGroup) -> tuple[Record, ...]:
    """Takes a group away, with all that is stored of it but its offsets."""
    name = group.name
    return (
        *(CurrentRemoved(name, member_id) for member_id in group.members),
        *(TargetRemoved(name, member_id) for member_id in group.targets),
        TargetEpochRemoved(name),
        *(MemberRemoved(name, member_id) for member_id in group.members),
        *(RegexRemoved(name, regex) for regex in group.regexes),
        *([PartitionMetadataRemoved(name)] if group.has_partition_metadata else []),
        EpochRemoved(name),
    )
