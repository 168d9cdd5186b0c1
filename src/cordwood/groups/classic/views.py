"""How a classic group looks to DescribeGroups and ListGroups.

Lives here: the views. Must not live here: their wire versions.
"""

from __future__ import annotations

from typing import Final

import msgspec

from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.transitions import State

CLASSIC: Final = "classic"
"""The type of these groups in ListGroups."""


class DescribedMember(msgspec.Struct, frozen=True):
    """A member; its metadata are for the group's protocol."""

    member_id: str
    instance_id: str | None
    client_id: str
    client_host: str
    metadata: bytes
    assignment: bytes


class GroupDescription(msgspec.Struct, frozen=True):
    """A group whole."""

    group: str
    state: str
    protocol_type: str
    protocol: str
    members: tuple[DescribedMember, ...]


class GroupListing(msgspec.Struct, frozen=True):
    """A group in a list."""

    group: str
    protocol_type: str
    state: str
    type: str = CLASSIC


def describe(group: ClassicGroup) -> GroupDescription:
    """The group with its members. Only a stable group has a protocol to tell, and members with metadata for it."""
    protocol = group.protocol if group.state is State.STABLE else None
    return GroupDescription(
        group=group.group,
        state=group.state.value,
        protocol_type=group.protocol_type or "",
        protocol=protocol or "",
        members=tuple(
            DescribedMember(
                member.member_id,
                member.instance_id,
                member.client_id,
                member.client_host,
                member.metadata(protocol) or b"",
                member.assignment,
            )
            for member in group.members.values()
        ),
    )


def listing(group: ClassicGroup) -> GroupListing:
    """The group in a list."""
    return GroupListing(group.group, group.protocol_type or "", group.state.value)
