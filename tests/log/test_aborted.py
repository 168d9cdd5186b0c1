"""The index of aborted transactions: searches against a plain list, and its files."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.log.aborted import AbortedIndex, AbortedTransaction, decode_aborted, encode_aborted
from cordwood.log.backend import FileKind
from cordwood.model.errors import CorruptLog
from tests.log.kit import World

ROWS = [AbortedTransaction(7, 0, 5, 2), AbortedTransaction(8, 2, 12, 13), AbortedTransaction(7, 14, 17, 18)]


def never(base):
    raise AssertionError(f"the segment at {base} was asked for")


def opened(world, rebuild=never, wanted=()):
    return AbortedIndex(world.disk, world.backend(), rebuild, wanted=wanted)


def filled(world, segment_offsets=10):
    """An index with ROWS, in segments of ten offsets."""
    index = opened(world)
    for row in ROWS:
        index.note(row.last_offset // segment_offsets * segment_offsets, row)
    return index


def stored(index):
    changes = index.changes()
    index.store(changes)
    index.stored(changes)


def test_only_what_overlaps_is_found():
    index = filled(World())
    assert list(index.between(0, 100)) == ROWS
    assert list(index.between(5, 6)) == ROWS[:2]
    assert list(index.between(6, 10)) == ROWS[1:2]
    assert list(index.between(13, 14)) == []
    assert list(index.between(18, 100)) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), max_size=40), st.data())
def test_a_search_finds_what_a_list_does(steps, data):
    """Transactions of five producers begin, go on and are aborted, as a log sees them; in segments of seven offsets."""
    world, rows, begun = World(), [], {}
    index = opened(world)
    for offset, (producer_id, choice) in enumerate(steps):
        if choice > 1:
            begun.setdefault(producer_id, offset)
        elif producer_id in begun:
            first = begun.pop(producer_id)
            rows.append(AbortedTransaction(producer_id, first, offset, min(begun.values(), default=offset + 1)))
            index.note(offset // 7 * 7, rows[-1])
    if data.draw(st.booleans()):
        stored(index)
        index = opened(world)
    start = data.draw(st.integers(0, len(steps)))
    end = data.draw(st.integers(start, len(steps) + 1))
    found = list(index.between(start, end))
    assert found == [row for row in rows if row.last_offset >= start and row.first_offset < end]
    cut = data.draw(st.integers(0, len(steps)))
    index.truncate(cut)
    assert list(index.between(0, 100)) == [row for row in rows if row.last_offset < cut]
    stored(index)
    assert list(opened(world).between(0, 100)) == [row for row in rows if row.last_offset < cut]


def test_files_are_written_for_segments_that_abort_something():
    world = World()
    index = filled(world)
    assert index.has_changes
    stored(index)
    assert not index.has_changes
    assert world.backend().list(FileKind.ABORTED) == [0, 10]
    assert list(opened(world).between(0, 100)) == ROWS


def test_what_is_noted_while_a_checkpoint_is_under_way_is_stored_by_the_next():
    index = filled(World())
    changes = index.changes()
    index.store(changes)
    index.note(10, AbortedTransaction(9, 18, 19, 20))
    index.stored(changes)
    assert list(index.changes()) == [10]


def test_a_cut_takes_files_that_say_too_much():
    world = World()
    stored(filled(world))
    index = opened(world)
    index.truncate(12)
    assert list(index.between(0, 100)) == ROWS[:1]
    stored(index)
    assert world.backend().list(FileKind.ABORTED) == [0]
    index.truncate_before(10)
    assert list(index.between(0, 100)) == []
    assert not index.has_any({0, 10})


def test_rows_of_a_run_become_those_of_one_segment():
    index = filled(World())
    assert index.of_segments({0, 10}) == ROWS
    assert index.has_any({10, 20})
    assert not index.has_any({20})
    index.exchange([0, 10], 0, ROWS[1:])
    assert list(index.between(0, 100)) == ROWS[1:]
    assert not index.has_changes
    index.exchange([20], 20, [])
    assert not index.has_any({20})


def test_a_damaged_file_is_made_again_from_the_batches():
    world = World()
    stored(filled(world))
    world.replace(f"{0:020d}.txnidx", b"rubbish")
    index = opened(world, {0: ROWS[:1]}.__getitem__)
    assert list(index.between(0, 100)) == ROWS
    stored(index)
    assert list(opened(world).between(0, 100)) == ROWS


def test_a_lost_file_is_made_again_from_the_batches():
    world = World()
    stored(filled(world))
    world.disk.unlink(world.backend().path_of(0, FileKind.ABORTED))
    index = opened(world, {0: ROWS[:1]}.__getitem__, wanted={0, 10})
    assert index
    assert index.has_changes
    assert list(index.between(0, 100)) == ROWS
    stored(index)
    assert list(opened(world, wanted={0, 10}).between(0, 100)) == ROWS


def test_a_lost_file_that_had_no_rows_is_asked_for_once():
    world = World()
    index = opened(world, {20: []}.__getitem__, wanted={20})
    changes = index.changes()
    assert index.bases_after(changes) == ()
    index.store(changes)
    index.stored(changes)
    assert not index


def test_it_tells_which_segments_have_a_file_after_a_checkpoint():
    world = World()
    index = filled(world)
    assert index.bases_after(index.changes()) == (0, 10)
    stored(index)
    index.truncate(10)
    assert index.bases_after(index.changes()) == (0,)
    index.exchange([0], 0, [])
    assert index.bases_after(index.changes()) == (0,), "compaction leaves a file without rows"


def test_a_row_that_is_cut_short_is_refused():
    payload = encode_aborted(ROWS)
    assert decode_aborted(payload, "x") == ROWS
    with pytest.raises(CorruptLog, match=r"x\.txnidx"):
        decode_aborted(payload[:-1], "x.txnidx")
