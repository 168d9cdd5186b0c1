"""Changes of partitions are charged: refused for those who understand it, held up for others."""

from __future__ import annotations

import pytest

from cordwood.broker.context import Call, Session
from cordwood.broker.quotas.mutation_quota import MutationQuota
from cordwood.broker.quotas.usage import Windows
from cordwood.metadata import EntityPart
from cordwood.metadata.quotas import CONTROLLER_MUTATION_RATE
from cordwood.model.errors import ThrottlingQuotaExceeded


@pytest.fixture
def quota():
    made = MutationQuota(Windows(2, 1.0))
    made.follow({(EntityPart("user", None),): {CONTROLLER_MUTATION_RATE: 5.0}})
    return made


def test_without_a_quota_nothing_is_charged():
    quota = MutationQuota(Windows())
    assert not quota.active
    mutations = quota.of("alice", "c", 0.0, strict=True)
    mutations.charge("t", 1_000_000)
    assert (mutations.wait_s, mutations.refused) == (0, False)


def test_who_is_not_in_debt_may_change_much_and_is_refused_until_it_is_paid(quota):
    mutations = quota.of("alice", "c", 0.0, strict=True)
    mutations.charge("a", 25)
    assert (mutations.wait_s, mutations.refused) == (0, False)
    with pytest.raises(ThrottlingQuotaExceeded, match="3000 ms"):
        mutations.charge("b", 1)
    assert (mutations.wait_s, mutations.refused) == (pytest.approx(3), True)
    with pytest.raises(ThrottlingQuotaExceeded):
        mutations.charge("c", 1)
    quota.of("alice", "other", 3.0, strict=True).charge("d", 1)
    quota.of("bob", "c", 0.0, strict=True).charge("e", 1)
    assert (quota.counts.throttled, quota.counts.seconds) == (1, pytest.approx(3))


def test_a_topic_is_charged_once_however_often_it_is_decided_on(quota):
    mutations = quota.of("alice", "c", 0.0, strict=True)
    for _ in range(5):
        mutations.charge("t", 25)
        with pytest.raises(ThrottlingQuotaExceeded, match="3000 ms"):
            mutations.charge("u", 25)
    assert quota.counts.throttled == 1


def test_who_was_refused_is_told_and_who_was_not_is_held_up(quota):
    muted: list[int] = []
    for strict in (True, False):
        call = Call(Session("PLAINTEXT", "10.0.0.1:1", muted.append), 7, "c")
        mutations = quota.of(f"user {strict}", "c", 0.0, strict=strict)
        mutations.charge("t", 25)
        if strict:
            with pytest.raises(ThrottlingQuotaExceeded):
                mutations.charge("u", 1)
        mutations.tell(call)
        assert (call.throttle_ms, call.mute_ms) == (3000, 0 if strict else 3000)


def test_older_versions_are_carried_out_and_held_up(quota):
    mutations = quota.of("alice", "c", 0.0, strict=False)
    mutations.charge("f", 25)
    mutations.charge("g", 5)
    assert (mutations.wait_s, mutations.refused) == (pytest.approx(4), False)
    assert quota.counts.throttled == 1


def test_a_quota_that_is_taken_away_leaves_nothing_behind(quota):
    quota.of("alice", "c", 0.0, strict=False).charge("h", 25)
    quota.follow({})
    assert not quota.active
    quota.follow({(EntityPart("user", None),): {CONTROLLER_MUTATION_RATE: 5.0}})
    quota.of("alice", "c", 0.0, strict=True).charge("i", 1)
