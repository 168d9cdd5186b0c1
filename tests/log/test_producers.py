"""Retries, gaps and fencing of idempotent producers, as Kafka decides them."""

from __future__ import annotations

import pytest

from cordwood.log.producers import ProducerTable
from cordwood.model.errors import (
    InvalidProducerEpoch,
    OutOfOrderSequence,
    OutsideOfTransaction,
    TransactionCoordinatorFenced,
)
from cordwood.records.batch import parse_header
from cordwood.records.builder import build_batch
from cordwood.records.control import Marker, MarkerType, build_marker
from tests.log.kit import produced, records

LAST = (1 << 31) - 1


def header(producer_id=7, epoch=0, sequence=0, count=1):
    return parse_header(produced(producer_id, epoch, sequence, count))


def transactional(producer_id=7, epoch=0, sequence=0, count=1):
    fields = {"producer_id": producer_id, "producer_epoch": epoch, "base_sequence": sequence}
    return parse_header(build_batch(records(count), transactional=True, **fields))


def end(table, producer_id=7, epoch=0, coordinator_epoch=0, kind=MarkerType.COMMIT):
    """A marker, as the log takes it; returns where the transaction began."""
    table.check_marker(producer_id, epoch, coordinator_epoch)
    marker = Marker(kind, coordinator_epoch)
    batch = build_marker(marker, producer_id=producer_id, producer_epoch=epoch, timestamp_ms=0)
    return table.note_marker(parse_header(batch), marker, 0)


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
    table.note_marker(marker, None, 0)
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


def test_a_transaction_is_open_from_its_first_batch_to_its_marker():
    table = ProducerTable()
    assert table.first_undecided is None
    table.note(transactional(), 10, 0)
    table.note(transactional(sequence=1), 11, 0)
    table.note(transactional(producer_id=8), 12, 0)
    assert (table.find(7).transaction_start, table.find(8).transaction_start) == (10, 12)
    assert table.first_undecided == 10
    assert end(table) == 10
    assert table.first_undecided == 12
    assert end(table, producer_id=8) == 12
    assert table.first_undecided is None
    assert end(table) is None, "a marker that comes twice ends nothing"


def test_the_oldest_transaction_may_end_last():
    table = ProducerTable()
    for number in range(3):
        table.note(transactional(producer_id=number), 10 + number, 0)
    assert end(table, producer_id=1) == 11
    assert table.first_undecided == 10
    assert end(table, producer_id=0) == 10
    assert table.first_undecided == 12


def test_nothing_else_is_appended_while_a_transaction_is_open():
    table = ProducerTable()
    table.note(transactional(), 10, 0)
    for other in (header(sequence=1), header(epoch=1)):
        with pytest.raises(OutsideOfTransaction) as raised:
            table.check(other)
        assert raised.value.transaction_start == 10
        with pytest.raises(OutsideOfTransaction):
            table.check_own(other)
    assert table.check(transactional(sequence=1)) is None
    assert table.check(header()).base_offset == 10, "a retry is known again, whatever it says"
    end(table)
    assert table.check(header(sequence=1)) is None


def test_the_brokers_own_batches_need_no_sequence_but_an_epoch():
    table = ProducerTable()
    own = parse_header(build_batch(records(1), producer_id=7, producer_epoch=2, transactional=True))
    assert own.base_sequence == -1
    table.check_own(own)
    table.note(own, 5, 0)
    table.check_own(own)
    assert table.first_undecided == 5
    assert end(table, epoch=3) == 5
    with pytest.raises(InvalidProducerEpoch):
        table.check_own(own)


def test_markers_of_older_epochs_and_older_coordinators_are_fenced():
    table = ProducerTable()
    table.note(transactional(epoch=2), 10, 0)
    with pytest.raises(InvalidProducerEpoch):
        end(table, epoch=1)
    assert end(table, epoch=2, coordinator_epoch=5) == 10
    with pytest.raises(TransactionCoordinatorFenced) as raised:
        end(table, epoch=2, coordinator_epoch=4)
    assert (raised.value.current, raised.value.attempted) == (5, 4)
    assert end(table, epoch=2, coordinator_epoch=5) is None


def test_a_marker_takes_its_epoch_with_it():
    table = ProducerTable()
    table.note(transactional(), 10, 0)
    end(table, epoch=1)
    with pytest.raises(InvalidProducerEpoch):
        table.check(transactional(sequence=1))
    with pytest.raises(OutOfOrderSequence):
        table.check(transactional(epoch=1, sequence=1))
    assert table.check(transactional(epoch=1)) is None


def test_whoever_has_a_transaction_open_is_not_forgotten():
    table = ProducerTable()
    table.note(transactional(), 10, 0)
    assert table.expire(now_ms=1000, after_ms=1) == 0
    end(table)
    assert table.expire(now_ms=1000, after_ms=1) == 1


# Kafka's rules as a table: ProducerAppendInfo, ProducerStateEntry and the search for duplicates in UnifiedLog.

APPENDED, RETRY = "appended", "retry"

STATES = {
    "unknown": (),
    "idempotent": (
        (header, {"epoch": 3, "sequence": 0, "count": 5}),
        (header, {"epoch": 3, "sequence": 5, "count": 5}),
    ),
    "open": ((transactional, {"epoch": 3, "sequence": 0, "count": 5}), (transactional, {"epoch": 3, "sequence": 5})),
    "ended": ((transactional, {"epoch": 3, "sequence": 0, "count": 5}), (end, {"epoch": 3})),
    "ended, version 2": ((transactional, {"epoch": 3, "sequence": 0, "count": 5}), (end, {"epoch": 4})),
    "marked only": ((end, {"epoch": 3}),),
}


def table_of(state):
    """A table in which that happened."""
    table = ProducerTable()
    for number, (what, fields) in enumerate(STATES[state]):
        if what is end:
            end(table, **fields)
        else:
            table.note(what(**fields), 10 * number, 0)
    return table


@pytest.mark.parametrize(
    ("state", "kind", "epoch", "sequence", "count", "outcome"),
    [
        # A producer that is not known may begin anywhere (KIP-360): never UNKNOWN_PRODUCER_ID.
        ("unknown", header, 0, 0, 1, APPENDED),
        ("unknown", header, 5, 77, 1, APPENDED),
        ("unknown", transactional, 0, 77, 1, APPENDED),
        # In sequence, a gap, and back.
        ("idempotent", header, 3, 10, 1, APPENDED),
        ("idempotent", header, 3, 11, 1, OutOfOrderSequence),
        ("idempotent", header, 3, 9, 1, OutOfOrderSequence),
        # A retry has the same first and last sequence: never DUPLICATE_SEQUENCE_NUMBER.
        ("idempotent", header, 3, 5, 5, RETRY),
        ("idempotent", header, 3, 0, 5, RETRY),
        ("idempotent", header, 3, 0, 4, OutOfOrderSequence),
        ("idempotent", header, 3, 5, 6, OutOfOrderSequence),
        ("idempotent", header, 3, 4, 2, OutOfOrderSequence),
        # Of another epoch nothing is a retry.
        ("idempotent", header, 2, 5, 5, InvalidProducerEpoch),
        ("idempotent", header, 2, 10, 1, InvalidProducerEpoch),
        ("idempotent", header, 4, 0, 5, APPENDED),
        ("idempotent", header, 4, 10, 1, OutOfOrderSequence),
        ("idempotent", transactional, 3, 10, 1, APPENDED),
        # While a transaction is open, its producer writes nothing beside it; epoch and sequence are looked at first.
        ("open", transactional, 3, 6, 1, APPENDED),
        ("open", transactional, 3, 5, 1, RETRY),
        ("open", header, 3, 6, 1, OutsideOfTransaction),
        ("open", header, 3, 7, 1, OutOfOrderSequence),
        ("open", header, 2, 6, 1, InvalidProducerEpoch),
        ("open", header, 4, 0, 1, OutsideOfTransaction),
        # A marker of the same epoch keeps the sequence and the window, one of a newer epoch begins anew.
        ("ended", transactional, 3, 5, 1, APPENDED),
        ("ended", header, 3, 5, 1, APPENDED),
        ("ended", transactional, 3, 0, 5, RETRY),
        ("ended", transactional, 3, 0, 1, OutOfOrderSequence),
        ("ended, version 2", transactional, 3, 5, 1, InvalidProducerEpoch),
        ("ended, version 2", transactional, 3, 0, 5, InvalidProducerEpoch),
        ("ended, version 2", transactional, 4, 0, 5, APPENDED),
        ("ended, version 2", transactional, 4, 5, 1, OutOfOrderSequence),
        # Of a marker alone the epoch is known, so the first sequence must be 0.
        ("marked only", transactional, 3, 0, 1, APPENDED),
        ("marked only", transactional, 3, 1, 1, OutOfOrderSequence),
        ("marked only", transactional, 2, 0, 1, InvalidProducerEpoch),
    ],
)
def test_batches_of_clients(state, kind, epoch, sequence, count, outcome):
    table, batch = table_of(state), kind(epoch=epoch, sequence=sequence, count=count)
    if isinstance(outcome, str):
        assert (table.check(batch) is not None) == (outcome == RETRY)
        return
    with pytest.raises(outcome):
        table.check(batch)


@pytest.mark.parametrize(
    ("state", "epoch", "classic", "version_2"),
    [
        ("unknown", 0, APPENDED, APPENDED),
        ("idempotent", 2, InvalidProducerEpoch, InvalidProducerEpoch),
        ("idempotent", 3, APPENDED, APPENDED),
        ("idempotent", 4, APPENDED, APPENDED),
        ("open", 2, InvalidProducerEpoch, InvalidProducerEpoch),
        ("open", 3, APPENDED, InvalidProducerEpoch),
        ("open", 4, APPENDED, APPENDED),
        ("ended", 3, APPENDED, APPENDED),
        ("ended, version 2", 3, InvalidProducerEpoch, InvalidProducerEpoch),
        ("ended, version 2", 4, APPENDED, APPENDED),
        ("ended, version 2", 5, APPENDED, APPENDED),
    ],
)
def test_markers_of_both_versions(state, epoch, classic, version_2):
    """The epoch of a marker of version 2 is above that of the data; only one that comes twice finds its own (KIP-1228)."""
    for version, outcome in ((0, classic), (1, classic), (2, version_2)):
        table = table_of(state)
        if outcome is APPENDED:
            table.check_marker(7, epoch, 0, version)
        else:
            with pytest.raises(outcome):
                table.check_marker(7, epoch, 0, version)


def test_a_producer_is_forgotten_after_exactly_the_time():
    table = ProducerTable()
    send(table, 10)
    assert table.expire(now_ms=109, after_ms=100) == 0
    assert table.expire(now_ms=110, after_ms=100) == 1


def test_the_newest_timestamp_is_the_batches_own_until_a_marker_comes():
    table = ProducerTable()
    batch = transactional(count=2)
    table.note(batch, 0, 77)
    producer = table.find(7)
    assert (producer.last_timestamp_ms, producer.newest_timestamp_ms) == (77, batch.latest_timestamp)
    marker = Marker(MarkerType.COMMIT, 3)
    control = build_marker(marker, producer_id=7, producer_epoch=0, timestamp_ms=5)
    table.note_marker(parse_header(control), marker, 88)
    assert producer.newest_timestamp_ms == 88
    table.note(transactional(sequence=2), 3, 99)
    assert producer.newest_timestamp_ms == batch.base_timestamp
