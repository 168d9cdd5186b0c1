"""Which timers a member has."""

from __future__ import annotations

import pytest

from cordwood.groups.consumer import timers
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.member import ClassicMember, Member, MemberMetadata, MemberState
from cordwood.groups.settings import GroupSettings, Pace
from cordwood.model.decision import Timer

CLASSIC = MemberMetadata(rebalance_timeout_ms=9, classic=ClassicMember(6_000, ()))


def timers_after(action, member):
    draft = Draft({}, "g")
    action(draft, member)
    return draft.result().timers


def test_classic_members_say_their_session_timeout_themselves():
    settings = GroupSettings(consumer_session_timeout_ms=45_000, paces={"calm": Pace(50_000, 6_000)})
    assert timers.session_timeout_ms("g", Member("m"), settings) == 45_000
    assert timers.session_timeout_ms("calm", Member("m"), settings) == 50_000
    assert timers.session_timeout_ms("calm", Member("m", CLASSIC), settings) == 6_000


def test_a_heartbeat_gives_the_time_that_the_group_has_for_it():
    settings = GroupSettings(paces={"g": Pace(50_000, 6_000)})
    (timer,) = timers_after(lambda draft, member: timers.set_session(draft, member, settings), Member("m"))
    assert timer == Timer((timers.SESSION, "g", "m"), 50_000)


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (Member("m", MemberMetadata(rebalance_timeout_ms=9), state=MemberState.UNREVOKED_PARTITIONS), (9,)),
        (Member("m", MemberMetadata(rebalance_timeout_ms=9)), (None,)),
        (Member("m", CLASSIC, state=MemberState.UNREVOKED_PARTITIONS), ()),
    ],
)
def test_only_who_has_to_revoke_is_timed_for_it(member, expected):
    found = timers_after(timers.set_rebalance, member)
    assert found == tuple(Timer((timers.REBALANCE, "g", "m"), delay_ms) for delay_ms in expected)


def test_all_timers_of_a_member_end_together():
    found = timers_after(lambda draft, member: timers.cancel_all(draft, member.id), Member("m"))
    assert {timer.key[0] for timer in found} == set(timers.ALL)
    assert all(timer.delay_ms is None for timer in found)
