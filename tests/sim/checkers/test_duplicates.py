"""The checker of duplicates finds batches that are there twice, or out of turn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordwood.sim.checkers.duplicates import duplicates
from tests.sim.checkers.logs import batch, found_of

LAST = 0x7FFF_FFFF


def found(*batches: tuple[int, int, int]):
    """A log of batches of two records by producer, epoch and sequence."""
    headers = tuple(
        batch(2 * at, 2, producer_id=id_, producer_epoch=epoch, base_sequence=sequence)
        for at, (id_, epoch, sequence) in enumerate(batches)
    )
    return replace(found_of(), batches=headers)


@pytest.mark.parametrize(
    "batches",
    [
        [(7, 0, 0), (7, 0, 2), (7, 0, 4)],
        [(7, 0, 0), (8, 0, 0), (7, 0, 2), (8, 0, 2)],
        [(7, 0, 0), (7, 1, 0)],
        [(7, 0, 40), (7, 0, 42)],
        [(7, 0, LAST - 1), (7, 0, 0)],
        [(-1, -1, -1), (-1, -1, -1)],
    ],
)
def test_producers_in_order(batches):
    assert not list(duplicates(found(*batches)))


@pytest.mark.parametrize(
    "batches",
    [[(7, 0, 0), (7, 0, 0)], [(7, 0, 0), (7, 0, 2), (7, 0, 0)], [(7, 0, 2), (7, 0, 0)], [(7, 0, 0), (7, 0, 1)]],
)
def test_duplicates_are_found(batches):
    assert list(duplicates(found(*batches)))
