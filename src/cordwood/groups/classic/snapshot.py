"""A group as it is stored.

Lives here: making the stored record of a group. Must not live here: when one is written, and what replaying it does.
"""

from __future__ import annotations

from collections.abc import Mapping

from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.records import GroupStored, StoredMember


def snapshot(group: ClassicGroup, assignments: Mapping[str, bytes], now_ms: int) -> GroupStored:
    """The generation with these assignments; a member without one is given nothing."""
    return GroupStored(
        group.group,
        generation=group.generation,
        protocol_type=group.protocol_type or "",
        protocol=group.protocol,
        leader=group.leader,
        state_timestamp_ms=now_ms,
        members=tuple(
            StoredMember(
                member_id=member.member_id,
                instance_id=member.instance_id,
                client_id=member.client_id,
                client_host=member.client_host,
                rebalance_timeout_ms=member.rebalance_timeout_ms,
                session_timeout_ms=member.session_timeout_ms,
                subscription=member.metadata(group.protocol) or b"",
                assignment=assignments.get(member.member_id, b""),
            )
            for member in group.members.values()
        ),
    )


def empty_generation(group: ClassicGroup, now_ms: int) -> GroupStored:
    """The next generation of a group that nobody is left in."""
    return GroupStored(
        group.group,
        generation=group.generation + 1,
        protocol_type=group.protocol_type or "",
        state_timestamp_ms=now_ms,
    )
