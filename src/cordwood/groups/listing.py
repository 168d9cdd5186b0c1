"""Questions about groups, whatever their protocol: which there are, and how each is doing.

Lives here: the questions, and the answer that fits both kinds. Must not live here: what a description says (`classic`,
`consumer`), and anything that changes a group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from cordwood.groups import membership
from cordwood.groups.membership import Group
from cordwood.model.group_errors import GroupNotFound


class GroupListing(NamedTuple):
    """One group; `type` is "classic" or "consumer", `state` in Kafka's words."""

    group: str
    protocol_type: str
    state: str
    type: str


class ListGroups(msgspec.Struct, frozen=True):
    """Asks for the groups in these states and of these types, without regard to upper and lower case.

    Empty stands for all.
    """

    states: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()


class DescribeClassic(msgspec.Struct, frozen=True):
    """Asks for a group of the classic protocol: the description of `groups.classic`."""

    group: str


class DescribeConsumer(msgspec.Struct, frozen=True):
    """Asks for a group of the consumer protocol: the description of `groups.consumer`."""

    group: str


def list_groups(groups: Mapping[str, Group], query: ListGroups) -> list[GroupListing]:
    """The groups that are asked for."""
    states = {state.lower() for state in query.states}
    types = {kind.lower() for kind in query.types}
    listings = map(_listing, groups.values())
    return [
        listing
        for listing in listings
        if (not states or listing.state.lower() in states) and (not types or listing.type in types)
    ]


def _listing(group: Group) -> GroupListing:
    return GroupListing(
        group.name, membership.protocol_type_of(group), membership.state_of(group), membership.kind_of(group)
    )


def describe(groups: Mapping[str, Group], query: DescribeClassic | DescribeConsumer) -> Any:  # noqa: ANN401 - two kinds.
    """The description of a group. Raises GroupNotFound, also for a group of the other kind."""
    group = groups.get(query.group)
    wanted = "classic" if isinstance(query, DescribeClassic) else "consumer"
    if group is None or membership.kind_of(group) != wanted:
        raise GroupNotFound(query.group)
    return membership.describe(group)
