"""The indexes held against the batches of their segment."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cordwood.log.tools.findings import Findings
from cordwood.log.tools.index_check import Durable, IndexCheck, IndexFile, TimeIndexCheck
from cordwood.records.batch import parse_header
from tests.log.kit import World, batch
from tests.log.tools.damage import entry

SETTLED = Durable(0, is_settled=True, recovery_point=1000)
ACTIVE = Durable(0, is_settled=False, recovery_point=1000)
BATCHES = [(number * 100, number * 5, 1000 + number) for number in range(10)]
"""Position, base offset and timestamp; each of 5 records and 100 bytes."""
RIGHT = entry(15, 300) + entry(30, 600) + entry(45, 900)
RIGHT_TIMES = entry(1002, 15) + entry(1005, 30) + entry(1008, 45) + entry(1009, 50)


def header(base_offset, timestamp):
    made = parse_header(batch(5))
    return replace(made, base_offset=base_offset, base_timestamp=timestamp, max_timestamp=timestamp)


def file_of(data):
    world = World()
    world.replace("index", data)
    return IndexFile("/index", world.file("index"), len(data))


def told(findings):
    return [(finding.level.value, finding.code.value, finding.position) for finding in findings.all()]


def checked(data, durable=SETTLED, *, skip=None, interval=300, end=1000):
    findings = Findings()
    check = IndexCheck(findings, file_of(data), durable, interval)
    for position, base_offset, timestamp in BATCHES:
        if skip is None or position not in skip:
            check.batch(position, header(base_offset, timestamp))
        elif position + 100 not in skip:
            check.skip(position + 100)
    check.end(end)
    return told(findings)


def times_checked(data, durable=SETTLED, *, indexed=45):
    findings = Findings()
    check = TimeIndexCheck(findings, file_of(data), durable)
    for _, base_offset, timestamp in BATCHES:
        check.batch(header(base_offset, timestamp))
    check.end(50, indexed)
    return told(findings)


def test_right_indexes():
    assert checked(RIGHT) == []
    assert times_checked(RIGHT_TIMES) == []


@pytest.mark.parametrize(
    ("data", "code", "position"),
    [
        (entry(15, 300) + entry(30, 601) + entry(45, 900), "index-entry", 16),
        (entry(15, 300) + entry(31, 600) + entry(45, 900), "index-entry", 16),
        (entry(15, 300) + entry(10, 600) + entry(45, 900), "index-order", 16),
        (entry(15, 300) + entry(30, 200) + entry(45, 900), "index-order", 16),
        (entry(0, 0) + RIGHT, "index-range", 0),
        (RIGHT + entry(50, 1000), "index-range", 48),
        (RIGHT + entry(45, 900), "index-order", 48),
        (RIGHT[:-8], "index-size", 32),
        (RIGHT[:16], "index-short", None),
        (b"", "index-short", None),
        (RIGHT[:16] + RIGHT[32:], "index-short", None),
    ],
)
def test_what_is_wrong_with_an_index(data, code, position):
    found = checked(data)
    assert ("damage", code, position) in found
    assert {level for level, _, _ in found} == {"damage"}


def test_an_index_of_another_interval_is_no_shorter():
    """Entries 300 bytes apart say that the interval was 300 at most: only a stretch as long as this one is too long."""
    assert checked(RIGHT, interval=250) == []
    assert checked(RIGHT, interval=8192) == []
    assert checked(entry(25, 500), interval=10) == []
    assert checked(b"", interval=8192) == []


def test_an_index_without_entries_is_judged_only_by_who_knows_the_interval():
    data = BATCHES * 20
    findings = Findings()
    check = IndexCheck(findings, file_of(b""), Durable(0, is_settled=True, recovery_point=10_000), None)
    for number, (_, _, timestamp) in enumerate(data):
        check.batch(number * 100, header(number * 5, timestamp))
    check.end(len(data) * 100)
    assert told(findings) == [("note", "index-short", None)]
    assert checked(b"", interval=None) == []
    assert checked(RIGHT, interval=None) == []


def test_entries_of_a_damaged_place_are_passed_over():
    assert checked(RIGHT, skip={300, 400}) == []
    assert checked(RIGHT, skip={600}) == []


def test_behind_what_is_durable_an_index_may_be_anything():
    durable = Durable(0, is_settled=False, recovery_point=20)
    for data in (
        RIGHT[:16],
        RIGHT[:20],
        RIGHT[:16] + bytes(32),
        entry(15, 300) + entry(31, 601),
        RIGHT + entry(60, 2000),
    ):
        assert {level for level, _, _ in checked(data, durable)} <= {"note"}
    assert checked(entry(15, 301) + entry(30, 600), durable) == [("damage", "index-entry", 0)]


def test_the_last_entry_before_the_end_may_be_torn():
    assert checked(entry(15, 300) + entry(29, 600), ACTIVE) == [("note", "index-entry", 16)]


def test_the_last_right_entry_is_known():
    check = IndexCheck(Findings(), file_of(RIGHT), SETTLED, 300)
    assert check.last_key == 0
    for position, base_offset, timestamp in BATCHES[:7]:
        check.batch(position, header(base_offset, timestamp))
    assert check.last_key == 30


@pytest.mark.parametrize(
    ("data", "level", "code", "position"),
    [
        (entry(1001, 15) + RIGHT_TIMES[16:], "damage", "index-entry", 0),
        (entry(1002, 16) + RIGHT_TIMES[16:], "damage", "index-entry", 0),
        (entry(1006, 15) + RIGHT_TIMES[16:], "damage", "index-order", 16),
        (entry(1002, 35) + RIGHT_TIMES[16:], "damage", "index-order", 16),
        (RIGHT_TIMES + entry(1009, 55) * 2, "damage", "index-range", 64),
        (RIGHT_TIMES + entry(1009, 55), "note", "index-range", 64),
        (RIGHT_TIMES[:-8], "note", "index-size", 48),
        (RIGHT_TIMES[:-16], "note", "index-short", None),
        (RIGHT_TIMES[:16], "damage", "index-short", None),
        (b"", "damage", "index-short", None),
    ],
)
def test_what_is_wrong_with_a_time_index(data, level, code, position):
    """The last entry, the segment's end, is written anew at an opening: it is never worth more than a note."""
    assert (level, code, position) in times_checked(data)


def test_the_end_may_be_said_more_than_once():
    data = entry(1002, 15) + entry(1002, 15) + RIGHT_TIMES[16:] + entry(1009, 50)
    assert times_checked(data) == []


def test_without_an_offset_index_the_end_alone_is_missing():
    assert times_checked(b"", indexed=0) == [("note", "index-short", None)]


def test_timestamps_of_a_damaged_place_are_unknown():
    findings = Findings()
    check = TimeIndexCheck(findings, file_of(RIGHT_TIMES), SETTLED)
    check.batch(header(0, 1000))
    check.skip()
    check.batch(header(45, 5))
    check.end(50, 45)
    assert told(findings) == []


def test_records_without_a_timestamp_are_as_old_as_time():
    findings = Findings()
    check = TimeIndexCheck(findings, file_of(entry(0, 5)), SETTLED)
    check.batch(header(0, -1))
    check.end(5, 0)
    assert told(findings) == []
