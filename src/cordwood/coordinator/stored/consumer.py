"""Groups of the consumer protocol (KIP-848) as they are kept: a record for each thing that changes by itself.

Lives here: their fields; every value is of version 0. Must not live here: other records.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cordwood.coordinator.stored.layout import Layout
from cordwood.groups.consumer import records
from cordwood.groups.consumer.member import ClassicMember, ClassicProtocol, MemberMetadata, MemberState
from cordwood.groups.consumer.partitions import Partitions, by_topic, flatten
from cordwood.model.ids import TopicId
from cordwood.wire.stored import consumer_groups as formats

VERSION: Final = 0

# Type 3.


def _epoch_key(record: records.EpochStored | records.EpochRemoved) -> formats.ConsumerGroupMetadataKey:
    return formats.ConsumerGroupMetadataKey(group_id=record.group)


def _epoch_value(record: records.EpochStored) -> tuple[formats.ConsumerGroupMetadataValue, int]:
    return formats.ConsumerGroupMetadataValue(epoch=record.epoch, metadata_hash=record.metadata_hash), VERSION


EPOCH: Final = Layout(
    records.EpochStored,
    records.EpochRemoved,
    formats.ConsumerGroupMetadataKey,
    _epoch_key,
    _epoch_value,
    lambda key, value: records.EpochStored(key.group_id, value.epoch, value.metadata_hash),
    lambda key: records.EpochRemoved(key.group_id),
)

# Type 4: read, and removed, and never written.


def _topics_key(
    record: records.PartitionMetadataStored | records.PartitionMetadataRemoved,
) -> formats.ConsumerGroupPartitionMetadataKey:
    return formats.ConsumerGroupPartitionMetadataKey(group_id=record.group)


TOPICS: Final = Layout(
    records.PartitionMetadataStored,
    records.PartitionMetadataRemoved,
    formats.ConsumerGroupPartitionMetadataKey,
    _topics_key,
    lambda _: (formats.ConsumerGroupPartitionMetadataValue(), VERSION),
    lambda key, _: records.PartitionMetadataStored(key.group_id),
    lambda key: records.PartitionMetadataRemoved(key.group_id),
)

# Type 5.


def _member_key(record: records.MemberStored | records.MemberRemoved) -> formats.ConsumerGroupMemberMetadataKey:
    return formats.ConsumerGroupMemberMetadataKey(group_id=record.group, member_id=record.member_id)


def _member_value(record: records.MemberStored) -> tuple[formats.ConsumerGroupMemberMetadataValue, int]:
    metadata = record.metadata
    value = formats.ConsumerGroupMemberMetadataValue(
        instance_id=metadata.instance_id,
        rack_id=metadata.rack_id,
        client_id=metadata.client_id,
        client_host=metadata.client_host,
        subscribed_topic_names=sorted(metadata.topics),
        subscribed_topic_regex=metadata.regex,
        rebalance_timeout_ms=metadata.rebalance_timeout_ms,
        server_assignor=metadata.assignor,
        classic_member_metadata=None if metadata.classic is None else _classic_value(metadata.classic),
    )
    return value, VERSION


def _classic_value(classic: ClassicMember) -> formats.ClassicMemberMetadata:
    return formats.ClassicMemberMetadata(
        session_timeout_ms=classic.session_timeout_ms,
        supported_protocols=[
            formats.ClassicProtocol(name=protocol.name, metadata=protocol.metadata) for protocol in classic.protocols
        ],
    )


def _member_stored(
    key: formats.ConsumerGroupMemberMetadataKey, value: formats.ConsumerGroupMemberMetadataValue
) -> records.MemberStored:
    classic = value.classic_member_metadata
    metadata = MemberMetadata(
        value.instance_id,
        value.rack_id,
        value.client_id,
        value.client_host,
        frozenset(value.subscribed_topic_names),
        value.subscribed_topic_regex or "",
        value.rebalance_timeout_ms,
        value.server_assignor,
        None if classic is None else _classic_stored(classic),
    )
    return records.MemberStored(key.group_id, key.member_id, metadata)


def _classic_stored(value: formats.ClassicMemberMetadata) -> ClassicMember:
    protocols = (ClassicProtocol(protocol.name, bytes(protocol.metadata)) for protocol in value.supported_protocols)
    return ClassicMember(value.session_timeout_ms, tuple(protocols))


MEMBER: Final = Layout(
    records.MemberStored,
    records.MemberRemoved,
    formats.ConsumerGroupMemberMetadataKey,
    _member_key,
    _member_value,
    _member_stored,
    lambda key: records.MemberRemoved(key.group_id, key.member_id),
)

# Type 6.


def _target_epoch_key(
    record: records.TargetEpochStored | records.TargetEpochRemoved,
) -> formats.ConsumerGroupTargetAssignmentMetadataKey:
    return formats.ConsumerGroupTargetAssignmentMetadataKey(group_id=record.group)


TARGET_EPOCH: Final = Layout(
    records.TargetEpochStored,
    records.TargetEpochRemoved,
    formats.ConsumerGroupTargetAssignmentMetadataKey,
    _target_epoch_key,
    lambda record: (formats.ConsumerGroupTargetAssignmentMetadataValue(assignment_epoch=record.epoch), VERSION),
    lambda key, value: records.TargetEpochStored(key.group_id, value.assignment_epoch),
    lambda key: records.TargetEpochRemoved(key.group_id),
)

# Type 7.


def _target_key(
    record: records.TargetStored | records.TargetRemoved,
) -> formats.ConsumerGroupTargetAssignmentMemberKey:
    return formats.ConsumerGroupTargetAssignmentMemberKey(group_id=record.group, member_id=record.member_id)


def _target_value(record: records.TargetStored) -> tuple[formats.ConsumerGroupTargetAssignmentMemberValue, int]:
    topics = [
        formats.TopicPartition(topic_id=topic_id, partitions=indexes)
        for topic_id, indexes in by_topic(record.partitions).items()
    ]
    return formats.ConsumerGroupTargetAssignmentMemberValue(topic_partitions=topics), VERSION


def _target_stored(
    key: formats.ConsumerGroupTargetAssignmentMemberKey, value: formats.ConsumerGroupTargetAssignmentMemberValue
) -> records.TargetStored:
    return records.TargetStored(key.group_id, key.member_id, _partitions(value.topic_partitions))


TARGET: Final = Layout(
    records.TargetStored,
    records.TargetRemoved,
    formats.ConsumerGroupTargetAssignmentMemberKey,
    _target_key,
    _target_value,
    _target_stored,
    lambda key: records.TargetRemoved(key.group_id, key.member_id),
)

# Type 8.


def _current_key(
    record: records.CurrentStored | records.CurrentRemoved,
) -> formats.ConsumerGroupCurrentMemberAssignmentKey:
    return formats.ConsumerGroupCurrentMemberAssignmentKey(group_id=record.group, member_id=record.member_id)


def _current_value(record: records.CurrentStored) -> tuple[formats.ConsumerGroupCurrentMemberAssignmentValue, int]:
    value = formats.ConsumerGroupCurrentMemberAssignmentValue(
        member_epoch=record.epoch,
        previous_member_epoch=record.previous_epoch,
        state=record.state,
        assigned_partitions=_topics(record.assigned),
        partitions_pending_revocation=_topics(record.revoking),
    )
    return value, VERSION


def _current_stored(
    key: formats.ConsumerGroupCurrentMemberAssignmentKey, value: formats.ConsumerGroupCurrentMemberAssignmentValue
) -> records.CurrentStored:
    known = value.state in MemberState._value2member_map_
    return records.CurrentStored(
        key.group_id,
        key.member_id,
        value.member_epoch,
        value.previous_member_epoch,
        MemberState(value.state) if known else MemberState.UNKNOWN,
        _partitions(value.assigned_partitions),
        _partitions(value.partitions_pending_revocation),
    )


CURRENT: Final = Layout(
    records.CurrentStored,
    records.CurrentRemoved,
    formats.ConsumerGroupCurrentMemberAssignmentKey,
    _current_key,
    _current_value,
    _current_stored,
    lambda key: records.CurrentRemoved(key.group_id, key.member_id),
)

# Type 16.


def _regex_key(record: records.RegexStored | records.RegexRemoved) -> formats.ConsumerGroupRegularExpressionKey:
    return formats.ConsumerGroupRegularExpressionKey(group_id=record.group, regular_expression=record.regex)


def _regex_value(record: records.RegexStored) -> tuple[formats.ConsumerGroupRegularExpressionValue, int]:
    value = formats.ConsumerGroupRegularExpressionValue(
        topics=sorted(record.topics), version=record.version, timestamp=record.timestamp_ms
    )
    return value, VERSION


def _regex_stored(
    key: formats.ConsumerGroupRegularExpressionKey, value: formats.ConsumerGroupRegularExpressionValue
) -> records.RegexStored:
    topics = frozenset(value.topics)
    return records.RegexStored(key.group_id, key.regular_expression, topics, value.version, value.timestamp)


REGEX: Final = Layout(
    records.RegexStored,
    records.RegexRemoved,
    formats.ConsumerGroupRegularExpressionKey,
    _regex_key,
    _regex_value,
    _regex_stored,
    lambda key: records.RegexRemoved(key.group_id, key.regular_expression),
)


def _topics(partitions: Partitions) -> list[formats.TopicPartitions]:
    return [
        formats.TopicPartitions(topic_id=topic_id, partitions=indexes)
        for topic_id, indexes in by_topic(partitions).items()
    ]


def _partitions(topics: Iterable[formats.TopicPartition | formats.TopicPartitions]) -> Partitions:
    return flatten((TopicId(topic.topic_id), topic.partitions) for topic in topics)


CONSUMER: Final = (EPOCH, TOPICS, MEMBER, TARGET_EPOCH, TARGET, CURRENT, REGEX)
