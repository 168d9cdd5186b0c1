"""Groups that go: deleted by somebody, or empty and without offsets.

Lives here: the decisions of DeleteGroups and of the round that clears up. Must not live here: which offsets expire
(`offsets.removing`).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cordwood.groups import kinds
from cordwood.groups.kinds import Group
from cordwood.groups.offsets import removing
from cordwood.groups.offsets.table import OffsetTable
from cordwood.groups.turn import Turn
from cordwood.model.decision import Result, answered, merged
from cordwood.model.group_errors import GroupNotFound, NonEmptyGroup


class DeleteGroup(msgspec.Struct, frozen=True):
    """Removes a group without members, and its offsets. Answered by None or an error."""

    group: str


def decide_delete_group(groups: Mapping[str, Group], table: OffsetTable, command: DeleteGroup, turn: Turn) -> Result:
    """Removes the group. Raises GroupNotFound, NonEmptyGroup."""
    group = groups.get(command.group)
    if group is None:
        raise GroupNotFound(command.group)
    if not kinds.is_empty(group):
        raise NonEmptyGroup(command.group)
    offsets = removing.everything(table, command.group)
    return merged(answered(turn.ticket, None, *offsets), kinds.removal(group))


def cleared(group: Group, table: OffsetTable, turn: Turn) -> Result:
    """What goes of one group today: expired offsets, and the group itself if it has neither offsets nor members."""
    name = kinds.name_of(group)
    expired = Result(removing.expired(group, table, turn))
    remaining = sum(map(len, table.of_group(name).values())) - len(expired.records)
    if remaining or table.has_transactions(name) or not kinds.is_empty(group):
        return expired
    return merged(expired, kinds.removal(group))
