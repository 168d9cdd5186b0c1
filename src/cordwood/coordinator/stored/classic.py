"""Groups of the classic protocol as they are kept: one record for a whole generation, in version 3 as Kafka does.

Lives here: their fields. Must not live here: other records.
"""

from __future__ import annotations

from typing import Final

from cordwood.coordinator.stored.layout import Layout
from cordwood.groups.classic.records import GroupRemoved, GroupStored, StoredMember
from cordwood.wire.stored.classic_groups import GroupMetadataKey, GroupMetadataValue, MemberMetadata

VERSION: Final = 3


def _key_of(record: GroupStored | GroupRemoved) -> GroupMetadataKey:
    return GroupMetadataKey(group=record.group)


def _value_of(record: GroupStored) -> tuple[GroupMetadataValue, int]:
    value = GroupMetadataValue(
        protocol_type=record.protocol_type,
        generation=record.generation,
        protocol=record.protocol,
        leader=record.leader,
        current_state_timestamp=record.state_timestamp_ms,
        members=[
            MemberMetadata(
                member_id=member.member_id,
                group_instance_id=member.instance_id,
                client_id=member.client_id,
                client_host=member.client_host,
                rebalance_timeout=member.rebalance_timeout_ms,
                session_timeout=member.session_timeout_ms,
                subscription=member.subscription,
                assignment=member.assignment,
            )
            for member in record.members
        ],
    )
    return value, VERSION


def _stored(key: GroupMetadataKey, value: GroupMetadataValue) -> GroupStored:
    members = tuple(
        StoredMember(
            member.member_id,
            member.group_instance_id,
            member.client_id,
            member.client_host,
            member.rebalance_timeout,
            member.session_timeout,
            bytes(member.subscription),
            bytes(member.assignment),
        )
        for member in value.members
    )
    return GroupStored(
        key.group,
        value.generation,
        value.protocol_type,
        value.protocol,
        value.leader,
        value.current_state_timestamp,
        members,
    )


def _removed(key: GroupMetadataKey) -> GroupRemoved:
    return GroupRemoved(key.group)


CLASSIC: Final = Layout(GroupStored, GroupRemoved, GroupMetadataKey, _key_of, _value_of, _stored, _removed)
