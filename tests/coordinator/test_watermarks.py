"""The age of a record follows from notes of how far its partition was."""

from __future__ import annotations

import pytest

from cordwood.coordinator.watermarks import NOTES_KEPT, Watermarks

NAME = ("orders", 0)


def noted(*notes: tuple[float, int]) -> Watermarks:
    watermarks = Watermarks()
    for now, offset in notes:
        watermarks.note(now, [(NAME, offset)])
    return watermarks


@pytest.mark.parametrize(
    ("offset", "age"),
    [
        (50, 20.0),  # older than the notes: at least that
        (140, 12.5),  # in the middle between 15 and 20
        (100, 15.0),  # the first after it was quiet: from the last quiet note on
        (260, 0.0),  # newer than the notes
    ],
)
def test_ages(offset, age):
    watermarks = noted((10, 100), (12, 100), (15, 100), (20, 180), (30, 260))
    assert watermarks.age(NAME, offset, 30) == age


def test_a_partition_without_notes_has_no_age():
    assert Watermarks().age(NAME, 5, 10) == 0


def test_another_topic_of_the_name_begins_anew():
    watermarks = noted((10, 100), (20, 200), (30, 5))
    assert watermarks.age(NAME, 0, 40) == 10


def test_partitions_that_go_are_forgotten():
    watermarks = noted((10, 100))
    watermarks.note(20, [])
    assert watermarks.age(NAME, 5, 30) == 0


def test_notes_are_bounded_and_the_newest_are_kept():
    watermarks = Watermarks()
    for second in range(10 * NOTES_KEPT):
        watermarks.note(second, [(NAME, 10 * second)])
    end = 10 * NOTES_KEPT - 1
    (notes,) = watermarks._notes.values()
    assert len(notes.offsets) <= NOTES_KEPT
    assert notes.offsets[0] == 0
    assert watermarks.age(NAME, 10 * end - 15, end) == pytest.approx(1.5)
    assert watermarks.age(NAME, 5 * end, end) == pytest.approx(end / 2, rel=0.01)
