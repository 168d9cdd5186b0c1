"""One step of one member, state by state."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.groups.consumer.member import Member, MemberState
from cordwood.groups.consumer.partitions import NO_PARTITIONS
from cordwood.groups.consumer.reconciliation import Aim, reconcile
from cordwood.model.group_errors import FencedMemberEpoch
from cordwood.model.ids import TopicId

T, U = TopicId(b"t" * 16), TopicId(b"u" * 16)
SETS = st.frozensets(st.tuples(st.sampled_from([T, U]), st.integers(0, 3)))


def p(*indexes, topic=T):
    return frozenset((topic, index) for index in indexes)


def aim(target, epoch=2, owners=None, owned=None, subscribed=(T, U), changed=False):
    return Aim("g", epoch, target, owners or {}, lambda topic_id: topic_id in subscribed, changed, owned)


def test_a_stable_member_at_the_targets_epoch_stays():
    member = Member("m", epoch=2, assigned=p(0))
    assert reconcile(member, aim(p(1))) is member


def test_a_member_takes_what_is_free():
    moved = reconcile(Member("m", epoch=1, assigned=p(0)), aim(p(0, 1), owners={(T, 0): "m"}))
    assert moved == Member("m", epoch=2, previous_epoch=1, assigned=p(0, 1))


def test_a_member_waits_for_what_others_have():
    member = Member("m", epoch=1)
    moved = reconcile(member, aim(p(0, 1), owners={(T, 1): "other"}))
    assert (moved.state, moved.epoch, moved.assigned) == (MemberState.UNRELEASED_PARTITIONS, 2, p(0))
    still = reconcile(moved, aim(p(0, 1), owners={(T, 0): "m", (T, 1): "other"}))
    assert still.state is MemberState.UNRELEASED_PARTITIONS
    released = reconcile(moved, aim(p(0, 1), owners={(T, 0): "m"}))
    assert (released.state, released.assigned) == (MemberState.STABLE, p(0, 1))


def test_a_member_gives_up_before_it_moves_on():
    owners = {(T, 0): "m", (T, 1): "m"}
    moved = reconcile(Member("m", epoch=1, assigned=p(0, 1)), aim(p(1, 2), owners=owners))
    assert (moved.state, moved.epoch) == (MemberState.UNREVOKED_PARTITIONS, 1)
    assert (moved.assigned, moved.revoking) == (p(1), p(0))
    assert reconcile(moved, aim(p(1, 2), owners=owners)) is moved
    assert reconcile(moved, aim(p(1, 2), owners=owners, owned=p(0, 1))) is moved
    done = reconcile(moved, aim(p(1, 2), owners=owners, owned=p(1)))
    assert (done.state, done.epoch, done.assigned, done.revoking) == (MemberState.STABLE, 2, p(1, 2), NO_PARTITIONS)


def test_what_a_member_says_it_does_not_have_need_not_be_given_up():
    moved = reconcile(Member("m", epoch=1, assigned=p(0, 1)), aim(p(1), owned=p(1)))
    assert (moved.state, moved.epoch, moved.assigned) == (MemberState.STABLE, 2, p(1))


def test_what_a_member_gave_up_it_can_have_again():
    giving = Member("m", epoch=1, state=MemberState.UNREVOKED_PARTITIONS, assigned=p(1), revoking=p(0))
    moved = reconcile(giving, aim(p(0, 1), epoch=3, owners={(T, 0): "m", (T, 1): "m"}, owned=p(1)))
    assert (moved.state, moved.epoch, moved.assigned) == (MemberState.STABLE, 3, p(0, 1))


def test_a_newer_target_can_ask_for_more():
    giving = Member("m", epoch=1, state=MemberState.UNREVOKED_PARTITIONS, assigned=p(1, 2), revoking=p(0))
    moved = reconcile(giving, aim(p(1), epoch=3, owned=p(1, 2)))
    assert (moved.state, moved.epoch, moved.assigned, moved.revoking) == (giving.state, 1, p(1), p(2))


def test_topics_are_taken_away_from_who_does_not_subscribe_any_more():
    member = Member("m", epoch=2, assigned=p(0) | p(0, topic=U))
    target = member.assigned
    moved = reconcile(member, aim(target, subscribed=(T,), changed=True))
    assert (moved.state, moved.assigned, moved.revoking) == (MemberState.UNREVOKED_PARTITIONS, p(0), p(0, topic=U))
    gone = reconcile(member, aim(target, subscribed=(T,), changed=True, owned=p(0)))
    assert (gone.state, gone.assigned, gone.revoking) == (MemberState.STABLE, p(0), NO_PARTITIONS)
    assert reconcile(member, aim(target, changed=True)) is member
    more = reconcile(moved, aim(target, subscribed=(), changed=True, owned=target))
    assert (more.assigned, more.revoking) == (NO_PARTITIONS, target)


def test_a_target_of_before_is_cut_to_the_subscription():
    moved = reconcile(Member("m", epoch=1), aim(p(0) | p(0, topic=U), subscribed=(U,)))
    assert moved.assigned == p(0, topic=U)


def test_a_member_in_an_unknown_state_starts_from_nothing():
    member = Member("m", epoch=1, state=MemberState.UNKNOWN, assigned=p(0))
    for owned in (None, p(0)):
        with pytest.raises(FencedMemberEpoch):
            reconcile(member, aim(p(1), owned=owned))
    assert reconcile(member, aim(p(1), owned=NO_PARTITIONS)).assigned == p(1)


@given(assigned=SETS, revoking=SETS, target=SETS, others=SETS, owned=SETS | st.none(), state=st.sampled_from([0, 1, 2]))
def test_a_step_takes_nothing_from_others_and_loses_nothing_that_is_still_had(
    assigned, revoking, target, others, owned, state
):
    state = MemberState(state)
    revoking = revoking - assigned if state is MemberState.UNREVOKED_PARTITIONS else NO_PARTITIONS
    member = Member("m", epoch=1, state=state, assigned=assigned, revoking=revoking)
    held = assigned | revoking
    owners = dict.fromkeys(others, "other") | dict.fromkeys(held, "m")
    moved = reconcile(member, aim(target, owners=owners, owned=owned))
    new = moved.assigned | moved.revoking
    assert not (new - held) & (others - held)
    let_go = held - new
    assert owned is not None or not let_go
    assert not let_go & (owned or NO_PARTITIONS)
    assert moved.epoch in (1, 2)
    assert not moved.assigned & moved.revoking
    assert bool(moved.revoking) <= (moved.state is MemberState.UNREVOKED_PARTITIONS)
    if moved.state is MemberState.STABLE and moved.epoch == 2:
        assert moved.assigned == target


@given(assigned=SETS, target=SETS, others=SETS)
def test_a_member_that_does_as_it_is_told_arrives(assigned, target, others):
    target -= others - assigned
    member = Member("m", epoch=1, assigned=assigned)
    for _ in range(3):
        owners = dict.fromkeys(others, "other") | dict.fromkeys(member.assigned | member.revoking, "m")
        member = reconcile(member, aim(target, owners=owners, owned=member.assigned))
    assert member == msgspec.structs.replace(member, epoch=2, state=MemberState.STABLE, assigned=target)
