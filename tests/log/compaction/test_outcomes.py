"""How transactions ended, and what is left of them."""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log.aborted import AbortedTransaction
from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.compaction.outcomes import Outcomes
from cordwood.records.batch import batches, parse_header
from cordwood.records.builder import build_batch
from cordwood.records.control import MarkerType, marker_of
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from tests.log.compaction.workshop import Workshop


def header(producer_id, offset, *, transactional=True):
    record = Record(offset, 0, b"k", b"v")
    fields = {"producer_id": producer_id, "producer_epoch": 0, "base_sequence": 0, "base_offset": offset}
    return parse_header(build_batch([record], transactional=transactional, **fields))


def test_what_was_aborted():
    outcomes = Outcomes(
        [AbortedTransaction(1, 5, 8, 9), AbortedTransaction(2, 6, 10, 11), AbortedTransaction(1, 12, 20, 21)]
    )
    aborted = [offset for offset in range(25) if outcomes.is_aborted(header(1, offset))]
    assert aborted == [*range(5, 9), *range(12, 21)]
    assert not outcomes.is_aborted(header(1, 6, transactional=False))
    assert not outcomes.is_aborted(header(3, 6))


def test_a_marker_is_hollow_when_no_batch_of_its_transaction_was_passed():
    outcomes = Outcomes()
    outcomes.passes(header(1, 0))
    outcomes.passes(header(2, 1, transactional=False))
    assert not outcomes.is_hollow(header(1, 2))
    assert outcomes.is_hollow(header(1, 3))
    assert outcomes.is_hollow(header(2, 4))
    assert outcomes.hollow == {3, 4}


# A whole log.


@pytest.mark.parametrize("seed", range(6))
def test_who_reads_committed_records_ends_with_the_same_state(seed):
    """Transactions of three producers between other batches; compacted again and again, reopened without its snapshots."""
    shop = Workshop(entries=(5, 1000)[seed % 2], compaction=CompactionConfig(delete_retention_ms=(0, 500)[seed // 3]))
    dice, sequences, open_ones = SeededDice(seed), [0, 0, 0], set()
    for step in range(150):
        who = dice.below(4)
        key, value = b"k%d" % dice.below(6), None if dice.below(6) == 0 else b"%d" % step + b"." * dice.below(60)
        if who == 3:
            shop.append((key, value))
        elif who in open_ones and dice.below(3) == 0:
            shop.log.append_marker(who, 0, MarkerType(dice.below(2)), 0, 0)
            open_ones.discard(who)
        else:
            fields = {"producer_id": who, "producer_epoch": 0, "base_sequence": sequences[who]}
            shop.append((key, value), transactional=True, **fields)
            sequences[who] += 1
            open_ones.add(who)
        shop.clock.advance(20)
        if step % 30 == 29:
            state, stable = committed_state(shop.log), shop.log.first_undecided_offset()
            shop.compact()
            assert committed_state(shop.log) == state
            shop.log.close()
            for name in [*shop.names(".snapshot"), "partition.meta"][: dice.below(2) * 99]:
                shop.disk.unlink(f"{shop.path}/{name}")
            shop.log = shop.open()
            assert committed_state(shop.log) == state
            assert shop.log.first_undecided_offset() == stable
            rows = shop.log.aborted_between(0, shop.log.end_offset)
            assert all(shop.batch_at(row.last_offset)[0].record_count == 1 for row in rows), "each has its marker"


def committed_state(log):
    """What a consumer of committed records knows who has read all up to the last stable offset, by Kafka's rules."""
    end = log.first_undecided_offset()
    end = log.end_offset if end is None else end
    state, offset = {}, 0
    while (found := log.read_range(offset, 700, end_offset=end)) is not None:
        waiting = log.aborted_within(offset, found)
        aborted = set()
        for header, batch in batches(found.file.view(found.start, found.end)):
            while waiting and waiting[0][1] <= header.last_offset:
                aborted.add(waiting.pop(0)[0])
            if header.is_control:
                marker = marker_of(batch, header)
                if marker is not None and marker.type is MarkerType.ABORT:
                    aborted.discard(header.producer_id)
            elif not (header.is_transactional and header.producer_id in aborted):
                state |= {record.key: record.value for record in decode_batch(batch, header)}
            offset = header.next_offset
    return {key: value for key, value in state.items() if value is not None}


def test_markers_and_rows_go_after_their_data():
    shop = Workshop(compaction=CompactionConfig(delete_retention_ms=1000))
    fields = {"producer_epoch": 0, "transactional": True, "timestamp_ms": shop.clock.now_ms()}
    for number, kind in enumerate((MarkerType.ABORT, MarkerType.COMMIT)):
        shop.append((b"a", b"%d" % number), producer_id=number, base_sequence=0, **fields)
        shop.log.append_marker(number, 0, kind, 0, 0)
        shop.append((b"z", b"1"), producer_id=number, base_sequence=1, **fields)
        shop.log.append_marker(number, 0, MarkerType.COMMIT, 0, 0)
    shop.append((b"a", b"9"), (b"z", b"9"), timestamp_ms=shop.clock.now_ms())
    shop.roll()
    shop.log.checkpoint()
    assert len(shop.log.aborted_between(0, 100)) == len(shop.names(".txnidx")) == 1
    shop.compact()
    assert horizons(shop) == {1: False, 3: False, 5: False, 7: False}, "who has read the batches comes to the markers"
    assert len(shop.log.aborted_between(0, 100)) == 1
    compact_later(shop)
    assert horizons(shop) == {1: True, 3: False, 5: True, 7: False}, "their time begins when nothing was left"
    assert shop.log.aborted_between(0, 100) == []
    compact_later(shop)
    assert list(horizons(shop)) == [3, 7]
    shop.reopen()
    assert shop.log.aborted_between(0, 100) == []
    assert shop.log.first_undecided_offset() is None


def horizons(shop):
    """Whether the marker at each offset has a delete horizon."""
    return {one.base_offset: one.has_delete_horizon for one in shop.headers if one.is_control}


def compact_later(shop):
    """Once more, when every delete horizon has passed and something new is to be compacted."""
    shop.clock.advance(2000)
    shop.append((b"y", b"1"))
    shop.roll()
    shop.compact()
