"""Who comes too often is held and closed, and the whole broker lets in no more than its rate; the others come in."""

from __future__ import annotations

import pytest

from cordwood.broker.quotas.connection_rates import AT_ONCE, LINE_LIMIT_S, AddressRates, ConnectionRates
from cordwood.broker.quotas.usage import Windows

WINDOWS = Windows(11, 1.0)


def test_everybody_comes_in_at_once_where_nothing_is_limited():
    rates = ConnectionRates(WINDOWS)
    assert [rates.admit("10.0.0.1", 0.0) for _ in range(1_000)] == [AT_ONCE] * 1_000
    assert not rates.counts.throttled


def test_an_address_over_its_quota_is_held_for_a_window_at_most_and_not_let_in():
    rates = ConnectionRates(WINDOWS)
    rates.follow(AddressRates({"10.0.0.1": 2.0}))
    entries = [rates.admit("10.0.0.1", 5.0) for _ in range(10)]
    assert entries[:2] == [AT_ONCE] * 2
    assert all(not entry.let_in and entry.wait_s == 1.0 for entry in entries[2:])
    assert rates.admit("10.0.0.2", 5.0) == AT_ONCE
    assert rates.counts.throttled == 8


def test_those_that_were_turned_away_do_not_count():
    rates = ConnectionRates(WINDOWS)
    rates.follow(AddressRates(others=5.0))
    let_in = sum(rates.admit("10.0.0.1", 5.0 + number / 100).let_in for number in range(3_000))
    assert 5 * 30 * 0.95 <= let_in <= 5 * 30 + 1


def test_a_default_is_for_each_of_the_others():
    rates = ConnectionRates(WINDOWS)
    rates.follow(AddressRates({"10.0.0.1": 100.0}, others=1.0))
    assert rates.admit("10.0.0.1", 5.0) == rates.admit("10.0.0.1", 5.0) == AT_ONCE
    assert rates.admit("10.0.0.2", 5.0) == rates.admit("10.0.0.3", 5.0) == AT_ONCE
    assert not rates.admit("10.0.0.2", 5.0).let_in
    rates.follow(AddressRates())
    assert rates.admit("10.0.0.2", 5.0) == AT_ONCE


def test_the_broker_lets_them_in_one_after_another():
    rates = ConnectionRates(WINDOWS, broker_rate=10)
    turns = [rates.admit("10.0.0.1", 5.0).wait_s for _ in range(100)]
    assert turns == sorted(turns)
    for start in range(10):
        assert sum(start <= turn < start + 1 for turn in turns) <= 11
    assert turns[-1] == pytest.approx(9, abs=1.1)
    late = rates.admit("10.0.0.9", 7.0)
    assert late.let_in
    assert late.wait_s == pytest.approx(turns[-1] - 2, abs=0.2), "who comes later stands behind"


def test_the_line_has_an_end():
    rates = ConnectionRates(WINDOWS, broker_rate=1)
    entries = [rates.admit("10.0.0.1", 5.0) for _ in range(60)]
    assert max(entry.wait_s for entry in entries) <= LINE_LIMIT_S + 2
    assert entries[-1] == (0.0, False)
    assert rates.admit("10.0.0.1", 25.0).let_in


def test_a_rate_that_changes_holds_for_who_comes_then():
    rates = ConnectionRates(WINDOWS)
    rates.broker_rate = 1
    assert rates.admit("a", 5.0) == AT_ONCE
    assert rates.admit("a", 5.0).wait_s == pytest.approx(2)
