"""Reading batches in order, each checked."""

from __future__ import annotations

import pytest

from cordwood.log.compaction.pace import CompactionStopped, Pace
from cordwood.log.compaction.source import stored_batches
from cordwood.model.errors import CorruptLog
from cordwood.sim.clock import SimClock
from tests.log.compaction.workshop import Stopper
from tests.log.test_store import store_of

SIZES = [10, 2000, 10, *[50] * 40, 5000, 1]


def read(store, start=0, end=None, *, buffer_bytes=700, stopper=None):
    pace = Pace(SimClock(), stopper or Stopper())
    return list(stored_batches(store, start, store.size_bytes if end is None else end, buffer_bytes, pace))


@pytest.mark.parametrize("buffer_bytes", [61, 100, 700, 1 << 20])
def test_all_batches_come_whole_whatever_the_buffer(buffer_bytes):
    store, positions = store_of(SIZES)
    found = read(store, buffer_bytes=buffer_bytes)
    assert [batch.position for batch in found] == positions
    for batch in found:
        assert bytes(batch.view) == store.file.read(batch.header.size_bytes, batch.position)
    assert [batch.position for batch in read(store, positions[2], positions[7])] == positions[2:7]


@pytest.mark.parametrize(("at", "byte"), [(70, 0xFF), (16, 1), (8, 0x7F), (8, 0x80)])
def test_damage_is_told_with_its_place(at, byte):
    store, positions = store_of(SIZES)
    store.file.write([bytes([byte])], positions[5] + at)
    with pytest.raises(CorruptLog) as raised:
        read(store)
    assert raised.value.position == positions[5]
    assert raised.value.path == store.path


@pytest.mark.parametrize("left", [1, 60, 61, 100])
def test_a_cut_batch_is_told(left):
    store, positions = store_of(SIZES)
    end = store.size_bytes
    store.file.truncate(positions[-2] + left)
    with pytest.raises(CorruptLog, match="cut short"):
        read(store, end=end)


def test_it_stops_between_two_reads():
    store, _ = store_of(SIZES)
    stopper = Stopper()
    stopper.stops_after = 0
    with pytest.raises(CompactionStopped):
        read(store, stopper=stopper)
