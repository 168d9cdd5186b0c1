"""How transactions ended, and what is left of them."""

from __future__ import annotations

from cordwood.log.aborted import AbortedTransaction
from cordwood.log.compaction.outcomes import Outcomes
from cordwood.records.batch import parse_header
from cordwood.records.builder import build_batch
from cordwood.records.record import Record


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


def test_a_marker_is_hollow_when_nothing_stayed():
    outcomes = Outcomes()
    outcomes.stays(header(1, 0))
    outcomes.stays(header(2, 1, transactional=False))
    assert not outcomes.is_hollow(header(1, 2))
    assert outcomes.is_hollow(header(1, 3))
    assert outcomes.is_hollow(header(2, 4))
    assert outcomes.hollow == {3, 4}
