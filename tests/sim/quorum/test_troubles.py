"""Who was in trouble lately."""

from __future__ import annotations

import pytest

from cordwood.sim.quorum.troubles import Troubles


class Time:
    now = 0


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def troubles(time):
    return Troubles(lambda: time.now)


def test_who_was_never_in_trouble_is_calm(troubles):
    assert troubles.calm("a", "b", 1_000)


def test_trouble_lasts_for_a_while_after_it_is_over(time, troubles):
    with troubles.among(["a", "b"]):
        time.now = 10
        assert not troubles.calm("a", "c", 5)
        assert not troubles.calm("c", "b", 5)
        assert troubles.calm("c", "d", 5)
    time.now = 14
    assert not troubles.calm("a", "b", 5)
    time.now = 15
    assert troubles.calm("a", "b", 5)


def test_two_may_be_in_trouble_with_each_other_alone(troubles):
    with troubles.between([("a", "b")]):
        assert not troubles.calm("b", "a", 5)
        assert troubles.calm("a", "c", 5)


def test_trouble_ends_when_all_of_it_ends(time, troubles):
    with troubles.among(["a"]):
        with troubles.between([("a", "a")]):
            time.now = 1
        time.now = 100
        assert not troubles.calm("a", "a", 5)
