"""A group's beginning and end as the shard sees them: loaded from the log, made of another kind of group, removed.

Lives here: those. Must not live here: anything that members do.
"""

from __future__ import annotations

from cordwood.groups.classic.draft import JOIN, SYNC, Draft
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.rebalance import rebalance
from cordwood.groups.classic.records import GroupRemoved, GroupStored, RebalanceForced
from cordwood.groups.classic.replies import JoinReply
from cordwood.groups.turn import Turn
from cordwood.model.decision import Result
from cordwood.model.group_errors import CoordinatorLoading, NonEmptyGroup, RebalanceInProgress


def loaded(group: ClassicGroup, turn: Turn) -> Result:
    """After a restart every member has its whole session timeout to be heard of.

    A group with more members than it may have by now rebalances: the last to come back are left out.
    """
    draft = Draft(group)
    _welcome(draft, turn, force=len(group.members) > turn.settings.max_size)
    return draft.result()


def restored(record: GroupStored, turn: Turn, *, force: bool) -> Result:
    """A group made of members that were a group of another kind; with `force` they rebalance at once."""
    draft = Draft(ClassicGroup(record.group))
    draft.write(record)
    _welcome(draft, turn, force=force)
    return draft.result()


def _welcome(draft: Draft, turn: Turn, *, force: bool) -> None:
    for member in draft.group.members.values():
        draft.set_session(member.member_id, member.session_timeout_ms)
    if force:
        rebalance(draft, RebalanceForced(draft.group.group), turn)


def removal(group: ClassicGroup) -> Result:
    """The end of a group, whatever its state: whoever waits for it has to join what takes its place, if anything."""
    draft = Draft(group)
    # Kafka answers a join, too, with REBALANCE_IN_PROGRESS; aiokafka ends at that. This one every client tries again.
    again = CoordinatorLoading(group.group)
    for member in group.members.values():
        draft.answer(member.join_ticket, JoinReply(member.member_id, again))
        draft.answer(member.sync_ticket, RebalanceInProgress(group.group))
    for member_id in (*group.members, *group.pending):
        draft.set_session(member_id, None)
    draft.set_timer(JOIN, None)
    draft.set_timer(SYNC, None)
    draft.write(GroupRemoved(group.group))
    return draft.result()


def check_removal(group: ClassicGroup) -> None:
    """Whether the group may be deleted. Raises NonEmptyGroup."""
    if not group.is_empty:
        raise NonEmptyGroup(group.group)
