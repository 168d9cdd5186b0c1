"""The last batches are found without reading the file."""

from __future__ import annotations

from cordwood.log.recent import GENERATION_BATCHES, RecentBatches


def filled(count):
    recent = RecentBatches()
    for number in range(count):
        recent.append(number * 10, number * 100)
    return recent


def test_every_remembered_batch_is_found():
    count = 3 * GENERATION_BATCHES + 5
    recent = filled(count)
    for number in range(count - GENERATION_BATCHES, count):
        assert recent.floor(number * 10) == (number * 10, number * 100)
        assert recent.floor(number * 10 + 9) == (number * 10, number * 100)
        assert recent.floor_of_position(number * 100 + 99) == number * 100


def test_old_batches_are_forgotten():
    recent = filled(3 * GENERATION_BATCHES)
    assert recent.floor(5) is None
    assert recent.floor_of_position(5) is None


def test_nothing_is_found_in_nothing():
    recent = RecentBatches()
    assert recent.floor(0) is None
    assert recent.floor_of_position(0) is None
