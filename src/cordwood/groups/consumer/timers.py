"""The timers of members: their keys, and which of them a member needs.

Lives here: names and delays. Must not live here: what happens when one fires (`expiry`).
"""

from __future__ import annotations

from typing import Final

from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.member import Member, MemberState
from cordwood.groups.settings import GroupSettings
from cordwood.model.decision import TimerKey

SESSION: Final = "consumer-session"
"""No heartbeat came."""
REBALANCE: Final = "consumer-rebalance"
"""A member was told to give up partitions and has not."""
JOIN: Final = "consumer-join"
"""A classic member was told to join again and has not."""
SYNC: Final = "consumer-sync"
"""A classic member has joined and has not fetched its assignment."""

ALL: Final = (SESSION, REBALANCE, JOIN, SYNC)


def timer_key(purpose: str, group: str, member_id: str) -> TimerKey:
    """Names a member's timer."""
    return (purpose, group, member_id)


def session_timeout_ms(group: str, member: Member, settings: GroupSettings) -> int:
    """How long a member may be silent: classic members say it themselves."""
    classic = member.metadata.classic
    return settings.pace(group).session_timeout_ms if classic is None else classic.session_timeout_ms


def set_session(draft: Draft, member: Member, settings: GroupSettings) -> None:
    """Gives a member its time anew."""
    draft.set_timer(timer_key(SESSION, draft.name, member.id), session_timeout_ms(draft.name, member, settings))


def set_rebalance(draft: Draft, member: Member) -> None:
    """Gives a member its time to revoke, or ends that when it has nothing to revoke. Classic members have others."""
    if not member.is_classic:
        revokes = member.state is MemberState.UNREVOKED_PARTITIONS
        delay_ms = member.metadata.rebalance_timeout_ms if revokes else None
        draft.set_timer(timer_key(REBALANCE, draft.name, member.id), delay_ms)


def cancel_all(draft: Draft, member_id: str) -> None:
    """Ends all timers of a member."""
    for purpose in ALL:
        draft.set_timer(timer_key(purpose, draft.name, member_id), None)
