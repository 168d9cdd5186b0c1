"""Offsets do not go back."""

from __future__ import annotations

import pytest

from cordwood.sim.promises.committed import gone_back
from cordwood.sim.promises.notes import Committed


def test_a_commit_without_an_answer_may_be_seen_or_not():
    assert not list(gone_back([Committed("g", 3, 4, 3), Committed("g", 3, 4, 4), Committed("h", 0, 0, 0)]))


def test_nothing_may_be_seen_before_the_first_answer():
    assert not list(gone_back([Committed("g", -1, 0, -1)]))


@pytest.mark.parametrize(
    "looks",
    [
        [Committed("g", 3, 4, 2)],
        [Committed("g", 3, 4, 5)],
        [Committed("g", 3, 4, -1)],
        [Committed("g", 3, 5, 4), Committed("g", 3, 5, 3)],
    ],
)
def test_what_went_back_is_found(looks):
    assert list(gone_back(looks))
