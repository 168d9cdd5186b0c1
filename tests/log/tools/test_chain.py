"""The chain of offsets: which batch is wrong, and what is a gap."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cordwood.log.tools.chain import OffsetChain
from cordwood.log.tools.findings import Code
from cordwood.records.batch import parse_header
from tests.log.kit import batch


def header(base_offset, count=1, *, taken=0):
    """A header at an offset; `taken` records were compacted away."""
    made = parse_header(batch(count))
    return replace(made, base_offset=base_offset, record_count=count - taken)


def followed(*segments, chain=None):
    """The flaws of segments: (base offset, headers) each, as (code, position, offset, right value)."""
    chain = chain or OffsetChain()
    bases = [base for base, _ in segments]
    for number, (base, headers) in enumerate(segments):
        chain.begin(base, [*bases, None][number + 1])
        for position, one in enumerate(headers):
            chain.batch(position * 100, one)
        chain.end()
    return [(flaw.code, flaw.position, flaw.offset, flaw.right) for flaw in chain.take_flaws()], chain


def test_a_log_as_it_should_be():
    flaws, chain = followed((0, [header(0, 3), header(3)]), (4, [header(4), header(5, 2)]))
    assert not flaws
    assert chain.end_offset == 7
    assert not chain.is_compacted
    assert chain.take_flaws() == []


@pytest.mark.parametrize("wrong", [0, 2, 1 << 40])
def test_one_wrong_number_is_known_by_its_neighbours(wrong):
    flaws, chain = followed((0, [header(0, 3), header(wrong), header(4)]))
    assert flaws == [(Code.OFFSET, 100, 3, 3)]
    assert chain.end_offset == 5


def test_the_first_batch_is_known_by_the_name_of_its_file():
    flaws, _ = followed((10, [header(11), header(11)]))
    assert flaws == [(Code.OFFSET, 0, 10, 10)]


def test_the_last_batch_of_a_closed_segment_is_known_by_the_next():
    flaws, _ = followed((0, [header(0), header(9)]), (2, [header(2)]))
    assert flaws == [(Code.OFFSET, 100, 1, 1)]


def test_the_last_batch_of_all_is_in_doubt():
    flaws, _ = followed((0, [header(0), header(9)]))
    assert flaws == [(Code.GAP, 100, 1, None)]


def test_batches_of_another_place_do_not_follow():
    flaws, _ = followed((0, [header(0), header(1)]), (20, [header(3), header(4), header(5)]))
    assert flaws == [(Code.GAP, None, 2, None), (Code.OFFSET, 0, 20, None)]


def test_batches_of_a_later_place_run_into_the_next_segment():
    flaws, _ = followed((0, [header(30), header(31)]), (2, [header(2)]))
    assert flaws == [(Code.OFFSET, 0, 0, None)]
    flaws, _ = followed((0, [header(0), header(1), header(2)]), (2, [header(2)]))
    assert flaws == [(Code.OFFSET, 200, 2, None)]


def test_a_missing_file_leaves_a_gap():
    flaws, chain = followed((0, [header(0), header(1)]), (5, [header(5)]))
    assert flaws == [(Code.GAP, None, 2, None)]
    assert chain.end_offset == 6


def test_gaps_inside_of_a_segment_are_compaction():
    flaws, chain = followed((0, [header(2), header(7), header(9)]), (10, [header(10)]))
    assert not flaws
    assert chain.is_compacted


def test_the_last_batch_of_all_may_follow_a_gap_where_the_log_was_compacted():
    """The segments behind it were cut off, or were empty."""
    assert followed((0, [header(0), header(9)]), chain=OffsetChain(clean_below=2))[0] == []
    flaws, _ = followed((0, [header(0), header(9)]), chain=OffsetChain(clean_below=1))
    assert flaws == [(Code.GAP, 100, 1, None)]


def test_batches_with_fewer_records_are_compaction():
    flaws, chain = followed((0, [header(0, 3, taken=1), header(9)]))
    assert not flaws
    assert chain.is_compacted


def test_behind_a_bad_place_any_later_offset_will_do():
    chain = OffsetChain()
    chain.begin(0, None)
    chain.batch(0, header(0, 3))
    chain.broken()
    chain.batch(500, header(7))
    chain.batch(600, header(8))
    chain.broken()
    chain.batch(900, header(4))
    chain.end()
    assert [(flaw.code, flaw.position) for flaw in chain.take_flaws()] == [(Code.OFFSET, 900)]
    assert chain.end_offset == 9


def test_doubt_lasts_until_the_next_batch():
    chain = OffsetChain()
    chain.begin(0, None)
    chain.batch(0, header(0))
    assert not chain.is_in_doubt
    chain.batch(100, header(5))
    assert chain.is_in_doubt
    chain.batch(200, header(2))
    assert not chain.is_in_doubt


def test_an_empty_segment_ends_where_it_begins():
    flaws, chain = followed((7, []))
    assert not flaws
    assert chain.end_offset == 7
