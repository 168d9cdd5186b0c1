"""Questions about groups, whatever their protocol: which there are, and how each is doing.

Lives here: the questions. Must not live here: what a description says (`classic`,
`consumer`), and anything that changes a group.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cordwood.groups import kinds
from cordwood.groups.classic.views import GroupDescription, GroupListing
from cordwood.groups.consumer.describe import GroupView
from cordwood.groups.kinds import Group
from cordwood.groups.turn import Turn
from cordwood.model.group_errors import GroupNotFound


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
    return [
        listing
        for listing in map(kinds.listing, groups.values())
        if (not states or listing.state.lower() in states) and (not types or listing.type in types)
    ]


def describe(
    groups: Mapping[str, Group], query: DescribeClassic | DescribeConsumer, turn: Turn
) -> GroupDescription | GroupView:
    """The description of a group. Raises GroupNotFound, also for a group of the other kind."""
    group = groups.get(query.group)
    if isinstance(query, DescribeClassic):
        found: GroupDescription | GroupView | None = kinds.describe_classic(group)
    else:
        found = kinds.describe_consumer(group, turn)
    if found is None:
        raise GroupNotFound(query.group)
    return found
