"""Clients are measured against the quota that holds for them, as long as there is one."""

from __future__ import annotations

import pytest

from cordwood.broker.quotas.client_quota import ClientQuota
from cordwood.broker.quotas.usage import Windows
from cordwood.metadata import EntityPart
from cordwood.metadata.quotas import PRODUCER_BYTE_RATE

ANYBODY = (EntityPart("client-id", None),)
SLOW = (EntityPart("client-id", "slow"),)


@pytest.fixture
def quota():
    made = ClientQuota(PRODUCER_BYTE_RATE, Windows(11, 1.0))
    made.follow({ANYBODY: {PRODUCER_BYTE_RATE: 1000.0}, SLOW: {PRODUCER_BYTE_RATE: 10.0}})
    return made


def test_nothing_holds_until_something_is_set():
    quota = ClientQuota(PRODUCER_BYTE_RATE, Windows())
    assert not quota.active
    assert quota.of("alice", "c", 0.0) is None
    quota.follow({ANYBODY: {"consumer_byte_rate": 1.0}})
    assert not quota.active


def test_who_is_over_waits_and_is_counted_and_the_others_are_not(quota):
    slow = quota.of("alice", "slow", 5.0)
    assert not slow.take(10, 5.0)
    assert slow.take(50, 5.0) == pytest.approx(6)
    assert slow.left(5.0) == -50
    assert not quota.of("alice", "other", 5.0).take(1000, 5.0)
    assert (quota.counts.throttled, quota.counts.seconds) == (1, pytest.approx(6))


def test_connections_of_one_client_share(quota):
    quota.of("alice", "slow", 5.0).add(60, 5.0)
    assert quota.of("bob", "slow", 5.0).wait_s(5.0) == pytest.approx(6)


def test_a_quota_that_changes_holds_at_once_and_use_is_not_forgotten(quota):
    quota.of("alice", "slow", 5.0).take(60, 5.0)
    quota.follow({SLOW: {PRODUCER_BYTE_RATE: 30.0}})
    assert quota.of("alice", "slow", 5.0).wait_s(5.0) == pytest.approx(2)
    assert quota.of("alice", "other", 5.0) is None
    quota.follow({})
    assert not quota.active
    quota.follow({SLOW: {PRODUCER_BYTE_RATE: 30.0}})
    assert not quota.of("alice", "slow", 5.0).wait_s(5.0), "without a quota nothing is remembered"
