"""The checker of the order finds gaps, repetitions and wrong ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordwood.sim.checkers.order import disorder
from tests.sim.checkers.logs import batch, found_of, history_of, record

THREE = found_of(record(0), record(1), record(2))


def test_a_log_in_order():
    assert not list(disorder(history_of(3), THREE))


@pytest.mark.parametrize(
    "found",
    [
        found_of(record(0), record(2)),
        found_of(record(0), record(0)),
        found_of(record(1), record(0)),
        found_of(record(0), end=2),
        replace(THREE, read=THREE.read[1:]),
        replace(THREE, batches=(batch(0), batch(2))),
        found_of(record(1), record(2), start=1),
    ],
)
def test_disorder_is_found(found):
    assert list(disorder(history_of(3), found))


def test_while_the_start_is_moved_it_may_be_here_or_there():
    history = history_of(3)
    history.begin_truncate_before(1)
    for found in (THREE, found_of(record(1), record(2), start=1)):
        assert not list(disorder(history, found))
    history.end_truncate_before()
    assert list(disorder(history, THREE))
