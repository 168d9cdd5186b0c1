"""What was acknowledged does not go back."""

from __future__ import annotations

import pytest

from cordwood.sim.promises.kept import gone_back
from cordwood.sim.promises.notes import Kept


def test_a_commit_without_an_answer_may_be_seen_or_not():
    assert not list(gone_back([Kept("g", 3, 4, 3), Kept("g", 3, 4, 4), Kept("h", 0, 0, 0)]))


def test_nothing_may_be_seen_before_the_first_answer():
    assert not list(gone_back([Kept("g", -1, 0, -1)]))


@pytest.mark.parametrize(
    "looks",
    [
        [Kept("g", 3, 4, 2)],
        [Kept("g", 3, 4, 5)],
        [Kept("g", 3, 4, -1)],
        [Kept("g", 3, 5, 4), Kept("g", 3, 5, 3)],
    ],
)
def test_what_went_back_is_found(looks):
    assert list(gone_back(looks))
