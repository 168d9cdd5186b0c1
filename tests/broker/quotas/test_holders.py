"""Holders are remembered within a bound, the silent ones least."""

from __future__ import annotations

from cordwood.broker.quotas.holders import Holders
from cordwood.broker.quotas.precedence import Holder


def holder(number: int) -> Holder:
    return Holder("", f"client-{number}")


def test_who_comes_again_is_known():
    holders = Holders(lambda now: [now], limit=10, idle_s=100)
    first = holders.of(holder(1), 1.0)
    assert holders.of(holder(1), 50.0) is first == [1.0]
    assert holders.of(holder(2), 50.0) == [50.0]


def test_invented_names_are_bounded_and_push_out_who_was_silent_for_longest():
    holders = Holders(lambda now: [now], limit=3, idle_s=1e9)
    kept = holders.of(holder(0), 0.0)
    for number in range(1, 1_000):
        holders.of(holder(number), float(number))
        assert holders.of(holder(0), float(number)) is kept
        assert len(holders) <= 3


def test_whoever_is_as_good_as_new_is_forgotten_when_others_come():
    holders = Holders(lambda now: [now], limit=1_000, idle_s=11)
    for number in range(10):
        holders.of(holder(number), 0.0)
    for number in range(5):
        holders.of(holder(100 + number), 12.0)
    assert len(holders) == 5
    holders.clear()
    assert len(holders) == 0
