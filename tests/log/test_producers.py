"""Retries, gaps and fencing of idempotent producers, as Kafka decides them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.log.producers import ProducerTable
from cordwood.model.errors import CorruptLog, InvalidProducerEpoch, OutOfOrderSequence
from cordwood.records.batch import parse_header
from cordwood.records.builder import build_batch
from tests.log.kit import produced, records

LAST = (1 << 31) - 1


def header(producer_id=7, epoch=0, sequence=0, count=1):
    return parse_header(produced(producer_id, epoch, sequence, count))


def send(table, offset, **fields):
    """Appends unless it is a retry; returns the offset it has."""
    wanted = header(**fields)
    earlier = table.check(wanted)
    if earlier is not None:
        return earlier.base_offset
    table.note(wanted, offset, offset)
    return offset


def test_sequences_follow_each_other():
    table = ProducerTable()
    assert send(table, 0, count=3) == 0
    assert send(table, 3, sequence=3, count=2) == 3
    assert send(table, 5, sequence=5) == 5
    assert len(table) == 1


def test_any_of_the_last_five_is_a_retry():
    table = ProducerTable()
    for number in range(7):
        send(table, number * 10, sequence=number * 2, count=2)
    for number in range(2, 7):
        assert send(table, 999, sequence=number * 2, count=2) == number * 10
    for number in range(2):
        with pytest.raises(OutOfOrderSequence):
            send(table, 999, sequence=number * 2, count=2)


def test_a_retry_has_the_same_range():
    table = ProducerTable()
    send(table, 0, count=3)
    with pytest.raises(OutOfOrderSequence):
        send(table, 9, count=2)
    with pytest.raises(OutOfOrderSequence):
        send(table, 9, sequence=1, count=2)


def test_a_gap_is_refused_with_what_was_expected():
    table = ProducerTable()
    send(table, 0, count=3)
    with pytest.raises(OutOfOrderSequence) as raised:
        send(table, 3, sequence=4)
    assert (raised.value.expected, raised.value.attempted, raised.value.producer_id) == (3, 4, 7)


def test_an_older_epoch_is_fenced():
    table = ProducerTable()
    send(table, 0, epoch=2)
    with pytest.raises(InvalidProducerEpoch) as raised:
        send(table, 1, epoch=1, sequence=1)
    assert (raised.value.current, raised.value.attempted) == (2, 1)


def test_a_newer_epoch_begins_at_zero_and_forgets_the_older_batches():
    table = ProducerTable()
    send(table, 0, sequence=0)
    with pytest.raises(OutOfOrderSequence):
        send(table, 1, epoch=1, sequence=1)
    assert send(table, 1, epoch=1, sequence=0) == 1
    assert send(table, 2, epoch=1, sequence=0) == 1
    assert send(table, 2, epoch=1, sequence=1) == 2


def test_an_unknown_producer_may_begin_anywhere():
    assert send(ProducerTable(), 4, sequence=17) == 4


def test_sequences_wrap():
    table = ProducerTable()
    send(table, 0, sequence=LAST - 1, count=2)
    assert send(table, 2, sequence=0) == 2
    table = ProducerTable()
    send(table, 0, sequence=LAST - 1, count=4)
    assert table.find(7).batches[-1].last_sequence == 1
    assert send(table, 4, sequence=2) == 4
    assert send(table, 9, sequence=LAST - 1, count=4) == 0


def test_a_control_batch_brings_its_epoch_only():
    table = ProducerTable()
    marker = parse_header(build_batch(records(1), producer_id=7, producer_epoch=3, control=True))
    table.note(marker, 0, 0)
    assert table.find(7).epoch == 3
    assert table.find(7).batches == []
    with pytest.raises(OutOfOrderSequence):
        send(table, 1, epoch=3, sequence=5)
    assert send(table, 1, epoch=3, sequence=0) == 1


def test_silent_producers_are_forgotten():
    table = ProducerTable()
    send(table, 10, producer_id=1)
    send(table, 20, producer_id=2)
    assert table.expire(now_ms=115, after_ms=100) == 1
    assert [producer_id for producer_id, _ in table] == [2]
    assert table.find(1) is None


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4)), max_size=20))
def test_a_snapshot_restores_the_table(batches):
    table = ProducerTable()
    sequences, offset = {}, 0
    for producer_id, count in batches:
        sequence = sequences.get(producer_id, 0)
        send(table, offset, producer_id=producer_id, sequence=sequence, count=count)
        sequences[producer_id] = sequence + count
        offset += count
    restored, at = ProducerTable.restore(table.snapshot(offset), "x")
    assert at == offset
    assert restored.snapshot(offset) == table.snapshot(offset)
    assert [(id_, producer.epoch, producer.batches, producer.last_timestamp_ms) for id_, producer in restored] == [
        (id_, producer.epoch, producer.batches, producer.last_timestamp_ms) for id_, producer in table
    ]


def test_a_snapshot_that_ends_early_is_refused():
    table = ProducerTable()
    send(table, 0)
    payload = table.snapshot(1)
    for size in range(len(payload)):
        with pytest.raises(CorruptLog, match=r"x\.snapshot"):
            ProducerTable.restore(payload[:size], "x.snapshot")
