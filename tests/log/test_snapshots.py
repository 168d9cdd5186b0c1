"""Snapshots of producers: what is restored, in both versions, and what is refused."""

from __future__ import annotations

from struct import Struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log import checkpoint
from cordwood.log.checkpoint import Kind
from cordwood.log.producers import ProducedBatch, Producer, ProducerTable
from cordwood.log.snapshots import SNAPSHOT, decode_snapshot, encode_snapshot, load_snapshot
from cordwood.model.errors import CorruptLog

PATH = "/d/x.snapshot"
BATCHES = st.lists(st.tuples(*[st.integers(-1, 99)] * 5).map(lambda numbers: ProducedBatch(*numbers)), max_size=5)
PRODUCERS = st.builds(
    lambda *fields: fields,
    st.integers(0, 99),
    st.integers(0, 99),
    BATCHES,
    st.none() | st.integers(0, 999),
    st.integers(-1, 9),
)


def a_table(rows):
    producers = {}
    for producer_id, (epoch, at, batches, start, coordinator_epoch) in rows.items():
        producer = producers[producer_id] = Producer(epoch)
        producer.last_timestamp_ms, producer.batches = at, batches
        producer.transaction_start = -1 if start is None else start
        producer.coordinator_epoch = coordinator_epoch
    return ProducerTable.of(producers)


def fields(table):
    return {
        id_: (one.epoch, one.last_timestamp_ms, one.batches, one.transaction_start, one.coordinator_epoch)
        for id_, one in table
    }


@given(st.dictionaries(st.integers(0, 1 << 60), PRODUCERS, max_size=5), st.integers(0, 1 << 60))
def test_a_snapshot_restores_the_table(rows, offset):
    table = a_table(rows)
    restored, at = decode_snapshot(encode_snapshot(table, offset), SNAPSHOT.version, "x")
    assert at == offset
    assert fields(restored) == fields(table)
    starts = [start for *_, start, _ in rows.values() if start is not None]
    assert restored.first_undecided == min(starts, default=None)


def test_version_one_knew_no_transactions():
    payload = Struct("<qI").pack(40, 1) + Struct("<qhqB").pack(7, 3, 99, 1) + Struct("<iiqqq").pack(0, 1, 10, 11, 5)
    disk = MemoryDisk()
    disk.make_directory("/d")
    assert load_snapshot(disk, PATH) is None
    checkpoint.replace(disk, PATH, Kind(SNAPSHOT.name, 1), payload)
    loaded = load_snapshot(disk, PATH)
    assert loaded is not None
    table, offset = loaded
    assert offset == 40
    assert fields(table) == {7: (3, 99, [ProducedBatch(0, 1, 10, 11, 5)], -1, -1)}
    checkpoint.replace(disk, PATH, SNAPSHOT, encode_snapshot(table, 40))
    loaded = load_snapshot(disk, PATH)
    assert loaded is not None
    assert fields(loaded[0]) == fields(table)


def test_a_snapshot_that_ends_early_is_refused():
    payload = encode_snapshot(a_table({7: (0, 0, [ProducedBatch(0, 0, 0, 0, 0)], 3, 0)}), 1)
    for size in range(len(payload)):
        with pytest.raises(CorruptLog, match=r"x\.snapshot"):
            decode_snapshot(payload[:size], SNAPSHOT.version, PATH)
