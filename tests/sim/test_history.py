"""What is required of a log, and what is allowed, by what was asked and answered."""

from __future__ import annotations

import pytest

from cordwood.records.record import Record
from cordwood.sim.history import History, Outcome, record_at


def records(*values: bytes) -> list[Record]:
    """Records without an offset."""
    return [Record(0, 1, None, value) for value in values]


def offsets(history: History, outcome: Outcome) -> list[int]:
    """The offsets of what is required."""
    return [record.offset for record in history.required(outcome)]


@pytest.fixture
def history():
    """Batches at 0 to 2 (synced), 2 to 3 (written) and 3 to 5 (asked for)."""
    history = History()
    history.append(0, records(b"a", b"b")).outcome = Outcome.SYNCED
    history.append(2, records(b"c")).outcome = Outcome.WRITTEN
    history.append(3, records(b"d", b"e"))
    return history


def test_records_are_noted_where_they_would_be(history):
    assert history.candidates()[1] == [Record(1, 1, None, b"b")]
    assert sorted(history.candidates()) == [0, 1, 2, 3, 4]


def test_what_must_be_kept_depends_on_how_far_it_got(history):
    assert offsets(history, Outcome.SYNCED) == [0, 1]
    assert offsets(history, Outcome.WRITTEN) == [0, 1, 2]


@pytest.mark.parametrize(("offset", "expected"), [(2, [0, 1]), (3, [0, 1, 2]), (5, [0, 1, 2])])
def test_a_sync_makes_durable_what_was_written(history, offset, expected):
    history.synced_below(offset)
    assert offsets(history, Outcome.SYNCED) == expected


def test_two_may_have_been_asked_for_at_one_offset(history):
    history.append(3, records(b"other"))
    assert [record.value for record in history.candidates()[3]] == [b"d", b"other"]


def test_a_truncation_takes_whole_batches(history):
    assert history.begin_truncate(1) == 0
    assert offsets(history, Outcome.SYNCED) == []
    assert sorted(history.candidates()) == [0, 1, 2, 3, 4], "until it is done, they may be there"
    history.end_truncate()
    assert not history.candidates()


def test_a_truncation_at_the_beginning_of_a_batch(history):
    assert history.begin_truncate(2) == 2
    history.end_truncate()
    assert sorted(history.candidates()) == [0, 1]


def test_a_truncation_does_not_go_below_the_start(history):
    history.begin_truncate_before(1)
    history.end_truncate_before()
    assert history.begin_truncate(1) == 1


def test_what_lies_before_the_start_is_not_required(history):
    history.begin_truncate_before(1)
    assert (history.start_offset, history.start_offset_asked) == (0, 1)
    assert offsets(history, Outcome.SYNCED) == [1]
    history.end_truncate_before()
    assert history.start_offset == 1


def test_a_record_at_another_offset():
    record = Record(0, 5, b"k", b"v", (("h", None),))
    assert record_at(record, 7) == Record(7, 5, b"k", b"v", (("h", None),))
