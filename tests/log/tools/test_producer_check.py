"""The producers' snapshots held against the batches."""

from __future__ import annotations

import pytest

from cordwood.log import checkpoint
from cordwood.log.producers import ProducedBatch, Producer, ProducerTable
from cordwood.log.snapshots import SNAPSHOT, encode_snapshot
from cordwood.log.tools.files import LogFiles
from cordwood.log.tools.findings import Findings
from cordwood.log.tools.producer_check import ProducerCheck
from cordwood.records.batch import parse_header, stamp
from tests.log.kit import World, produced


def sent(base_offset, sequence, *, producer_id=7, epoch=0, count=2, **options):
    data = produced(producer_id, epoch, sequence, count, **options)
    stamp(data, 0, base_offset, 0)
    return parse_header(data)


HEADERS = [sent(2 * number, 2 * number) for number in range(8)]


def snapshot_of(headers, offset):
    table = ProducerTable()
    for header in headers:
        table.note(header, header.base_offset, 1)
    return encode_snapshot(table, offset)


def checked(*snapshots, headers=HEADERS, first=0, compacted=False, skip=False, recovery_point=0):
    """What is found about snapshots, given as (offset in the name, payload)."""
    world = World()
    for offset, payload in snapshots:
        data = payload if payload == b"rubbish" else checkpoint.encode(SNAPSHOT, payload)
        world.replace(f"{offset:020d}.snapshot", data)
    findings = Findings()
    check = ProducerCheck(findings, world.disk, LogFiles.look(world.disk, world.path), first)
    check.is_compacted = compacted
    if skip:
        check.skip()
    for header in headers:
        check.batch(header)
    check.end(16, recovery_point)
    return [(finding.code.value, finding.segment) for finding in findings.all()]


def test_snapshots_that_are_right():
    at = [(offset, snapshot_of(HEADERS[: offset // 2], offset)) for offset in (0, 6, 16)]
    assert checked(*at) == []


def test_a_snapshot_that_cannot_be_read():
    assert checked((6, b"rubbish")) == [("snapshot", 6)]
    assert checked((6, snapshot_of(HEADERS[:3], 6)[:-3])) == [("snapshot", 6)]


def test_a_snapshot_under_another_name():
    assert checked((8, snapshot_of(HEADERS[:3], 6))) == [("snapshot-name", 8)]


def test_a_snapshot_beyond_the_end():
    assert checked((17, snapshot_of(HEADERS, 17))) == [("snapshot-beyond", 17)]


def test_a_snapshot_of_what_was_there_once():
    assert checked((18, snapshot_of([*HEADERS, sent(16, 16)], 18)), recovery_point=18) == []
    assert checked((18, b"rubbish"), recovery_point=18) == [("snapshot", 18)]


@pytest.mark.parametrize(
    "headers",
    [
        [sent(4, 4, epoch=1)],
        [sent(2, 2), sent(4, 5)],
        [sent(2, 2), sent(5, 4)],
        [sent(4, 4, producer_id=8)],
        HEADERS[:4],
        HEADERS[:2],
        [sent(2, 3, count=1), sent(4, 4)],
    ],
)
def test_a_snapshot_that_says_something_else(headers):
    assert checked((6, snapshot_of(headers, 6))) == [("snapshot-producer", 6)]


def test_a_producer_may_be_forgotten():
    assert checked((16, snapshot_of([], 16))) == []
    assert checked((16, snapshot_of(HEADERS[6:], 16))) == [], "it came again after that"


def test_the_batches_may_be_deleted():
    old = [sent(0, 0, producer_id=1), *HEADERS]
    assert checked((16, snapshot_of(old, 16)), headers=HEADERS[4:], first=8) == []


def test_where_an_open_transaction_begins():
    headers = [sent(2 * number, 2 * number, transactional=True) for number in range(8)]
    told = snapshot_of(headers, 16)
    assert checked((16, told), headers=headers) == []
    assert checked((16, told), headers=headers[3:], first=6) == [], "its beginning was deleted"
    assert checked((16, told), headers=headers[3:], first=0) == [("snapshot-producer", 16)]
    assert checked((16, told), headers=[*HEADERS[:2], *headers[2:]], first=0) == [("snapshot-producer", 16)]
    assert checked((16, snapshot_of([*HEADERS[:7], headers[7]], 16)), headers=headers) == [("snapshot-producer", 16)]


def test_a_producer_without_batches_says_nothing():
    table = ProducerTable()
    table._producers[9] = Producer(3)
    assert checked((16, encode_snapshot(table, 16))) == []


def test_damage_and_compaction_leave_too_little_to_tell():
    wrong = snapshot_of(HEADERS[:2], 6)
    assert checked((6, wrong), skip=True) == []
    assert checked((6, wrong), compacted=True) == []
    assert checked((6, b"rubbish"), skip=True, compacted=True) == [("snapshot", 6)]


def test_a_snapshot_that_goes_away_meanwhile_is_no_damage(monkeypatch):
    monkeypatch.setattr(checkpoint, "load_any", lambda *_: None)
    assert checked((6, snapshot_of(HEADERS[:2], 6))) == []


def test_the_first_difference_from_the_end_is_told():
    table = ProducerTable()
    producer = table._producers[7] = Producer(0)
    producer.batches = [ProducedBatch(0, 1, 0, 1, 5), ProducedBatch(3, 4, 2, 3, 5), ProducedBatch(4, 5, 4, 5, 5)]
    world = World()
    world.replace(f"{6:020d}.snapshot", checkpoint.encode(SNAPSHOT, encode_snapshot(table, 6)))
    findings = Findings()
    check = ProducerCheck(findings, world.disk, LogFiles.look(world.disk, world.path), 0)
    for header in HEADERS:
        check.batch(header)
    [finding] = findings.all()
    assert finding.message == "it says that producer 7 sent sequences 3 to 4 at offset 2: the batches say 2 to 3 at 2"
