"""What happens when a member's time is up, and which times run after a restart.

Lives here: the ends of timers. Must not live here: their keys (`timers`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from cordwood.groups.consumer import leaving, timers
from cordwood.groups.consumer.commands import LEAVE_STATIC_EPOCH
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import MemberState
from cordwood.groups.turn import Turn
from cordwood.model.decision import NOTHING, Result, TimerKey


def expired(groups: Mapping[str, Any], key: TimerKey, turn: Turn) -> Result:
    """Fences the member whose timer fired, if it is still there and the timer still means something."""
    purpose, name, member_id = key
    group = groups.get(name)
    member = group.members.get(member_id) if isinstance(group, ConsumerGroup) else None
    if member is None:
        return NOTHING
    waits = member.state is MemberState.UNREVOKED_PARTITIONS and member.epoch != LEAVE_STATIC_EPOCH
    if purpose == timers.REBALANCE and not waits:
        return NOTHING
    draft = Draft(groups, name)
    leaving.fence(draft, [member], turn)
    return draft.result()


EXPIRIES: Final[Mapping[str, Callable[[Mapping[str, Any], TimerKey, Turn], Result]]] = dict.fromkeys(
    timers.ALL, expired
)


def loaded(group: ConsumerGroup, turn: Turn) -> Result:
    """Gives every member its time anew: nobody knows when it was heard of last."""
    draft = Draft({group.name: group}, group.name)
    for member in group.members.values():
        timers.set_session(draft, member, turn.settings)
        if member.state is MemberState.UNREVOKED_PARTITIONS and member.epoch != LEAVE_STATIC_EPOCH:
            timers.set_rebalance(draft, member)
    return draft.result()
