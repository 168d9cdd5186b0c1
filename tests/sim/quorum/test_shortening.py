"""The shortest list that still fails."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.sim.quorum.shortening import shorten


@settings(max_examples=60)
@given(st.sets(st.integers(0, 19), max_size=4))
def test_what_is_needed_is_left(needed):
    assert shorten(range(20), lambda parts: needed <= set(parts), tries=1000) == sorted(needed)


def test_no_single_part_can_be_left_out():
    assert len(shorten(range(9), lambda parts: len(parts) >= 3)) == 3
    assert not shorten(range(9), lambda parts: True)


@pytest.mark.parametrize("tries", [0, 1, 5])
def test_no_more_is_tried_than_allowed(tries):
    tried = []

    def still_fails(parts):
        tried.append(parts)
        return {3, 14} <= set(parts)

    found = shorten(range(20), still_fails, tries)
    assert {3, 14} <= set(found)
    assert len(tried) <= tries
