"""Committed offsets as they are kept.

Lives here: their fields. Must not live here: other records.

As Kafka does, an offset is written in version 3, and in version 1 where the client gave a retention time.
"""

from __future__ import annotations

from sys import intern
from typing import Final

from cordwood.coordinator.stored.layout import Layout
from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved
from cordwood.model.ids import TopicId
from cordwood.wire.stored.group_offsets import OffsetCommitKey, OffsetCommitValue

VERSION: Final = 3
VERSION_WITH_EXPIRY: Final = 1


def _key_of(record: OffsetCommitted | OffsetRemoved) -> OffsetCommitKey:
    return OffsetCommitKey(group=record.group, topic=record.topic, partition=record.partition)


def _value_of(record: OffsetCommitted) -> tuple[OffsetCommitValue, int]:
    value = OffsetCommitValue(
        offset=record.offset,
        leader_epoch=record.leader_epoch,
        metadata=record.metadata,
        commit_timestamp=record.commit_timestamp_ms,
        expire_timestamp=record.expire_timestamp_ms,
    )
    return value, VERSION if record.expire_timestamp_ms < 0 else VERSION_WITH_EXPIRY


def _stored(key: OffsetCommitKey, value: OffsetCommitValue) -> OffsetCommitted:
    # There are many offsets of few groups and topics: they share the names.
    return OffsetCommitted(
        intern(key.group),
        intern(key.topic),
        key.partition,
        value.offset,
        value.leader_epoch,
        value.metadata,
        value.commit_timestamp,
        value.expire_timestamp,
        TopicId(value.topic_id),
    )


def _removed(key: OffsetCommitKey) -> OffsetRemoved:
    return OffsetRemoved(key.group, key.topic, key.partition)


OFFSETS: Final = Layout(OffsetCommitted, OffsetRemoved, OffsetCommitKey, _key_of, _value_of, _stored, _removed)
