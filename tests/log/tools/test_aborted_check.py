"""The files of aborted transactions held against the markers, and made again by repair."""

from __future__ import annotations

import pytest

from cordwood.log import checkpoint
from cordwood.log.aborted import ABORTED, AbortedTransaction, decode_aborted, encode_aborted
from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.meta import PartitionMeta
from cordwood.log.tools.mend import repair_log
from cordwood.log.tools.repair import RebuildAborted
from cordwood.records.control import MarkerType
from tests.log.compaction.workshop import Workshop
from tests.log.kit import SMALL, World, batch, produced
from tests.log.tools.damage import OPTIONS, codes, files_of, flip, notes, overwrite, remove, verified, world_of

ABORT, COMMIT = MarkerType.ABORT, MarkerType.COMMIT


def lived(*, is_closed=True):
    """Small segments with two producers whose transactions overlap, half of them aborted; the last one stays open."""
    world = World(SMALL)
    log = world.open()
    for number in range(24):
        log.append_batch(produced(7, 0, 2 * number, 2, transactional=True), 0)
        log.append_batch(produced(8, 0, number, 1, transactional=True), 0)
        log.append_marker(7, 0, ABORT if number % 2 else COMMIT, 0, 0)
        log.append_batch(batch(1), 0)
        if number % 3 == 2:
            log.append_marker(8, 0, ABORT, 0, 0)
        if number == 16:
            world.background.run()
            log.checkpoint()
    if is_closed:
        log.close()
    else:
        log.sync()
        log.abandon()
    world.background.run()
    world.backend().clean()
    return world


FILES = files_of(lived())
NAMES = sorted(name for name in FILES if name.endswith(".txnidx"))
NAME = NAMES[2]


@pytest.fixture
def world():
    return world_of(FILES)


def rows_in(world, name=NAME):
    return decode_aborted(checkpoint.decode(ABORTED, world.content(name), name), name)


def put(world, rows, name=NAME):
    world.replace(name, checkpoint.encode(ABORTED, encode_aborted(rows)))


def changed(world, **fields):
    """The second row of a file says something else."""
    rows = rows_in(world)
    rows[1] = rows[1]._replace(**fields)
    put(world, rows)


def repaired(world, **options):
    return repair_log(world.disk, world.clock, world.path, OPTIONS, **{"may_cut": False} | options)


def test_there_is_something_to_check(world):
    assert len(NAMES) > 4
    assert len(rows_in(world)) > 1
    assert any(row.last_stable_offset < row.last_offset for name in NAMES for row in rows_in(world, name))
    assert codes(verified(world)) == notes(verified(world)) == []


def test_every_row_that_is_wrong_is_found_and_made_again(world):
    row = rows_in(world)[1]
    for field, values in {
        "producer_id": (6, 9),
        "first_offset": (row.first_offset - 1, row.first_offset + 1),
        "last_offset": (row.last_offset - 1, row.last_offset + 1),
        "last_stable_offset": (row.last_stable_offset - 1, row.last_stable_offset + 1),
    }.items():
        for value in values:
            changed(world, **{field: value})
            assert ("aborted-entry", NAME) in codes(verified(world)), (field, value)
            done = repaired(world)
            assert [type(step) for plan in done.plans for step in plan.steps] == [RebuildAborted]
            assert files_of(world) == FILES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_lost_or_damaged_is_made_again(world, name):
    remove(world, name)
    report = verified(world)
    assert codes(report) == [("aborted-missing", name)]
    assert "nothing of the transaction of producer" in report.damage[0].message
    repaired(world)
    assert files_of(world) == FILES
    flip(world, name, len(FILES[name]) - 3)
    assert codes(verified(world)) == [("aborted", name)]
    repaired(world)
    assert files_of(world) == FILES


def test_a_row_that_is_missing_or_too_many(world):
    rows = rows_in(world)
    put(world, rows[:1] + rows[2:])
    assert codes(verified(world)) == [("aborted-missing", NAME)]
    put(world, [rows[0], *rows])
    assert codes(verified(world)) == [("aborted-entry", NAME)]
    put(world, rows[::-1])
    assert codes(verified(world)) == [("aborted-entry", NAME)]
    repaired(world)
    assert files_of(world) == FILES


def test_a_file_where_nothing_was_aborted_is_removed(world):
    name = next(name for name in FILES if name.endswith(".log") and name.replace(".log", ".txnidx") not in FILES)
    put(world, [AbortedTransaction(7, 1, 2, 3)], superfluous := name.replace(".log", ".txnidx"))
    assert codes(verified(world)) == [("aborted-entry", superfluous)]
    repaired(world)
    assert files_of(world) == FILES


def test_a_repair_makes_what_partition_meta_names(world):
    meta = PartitionMeta.load(world.disk, world.path)
    meta._replace(aborting=()).store(world.disk, world.path)
    remove(world, NAME)
    repaired(world)
    assert [int(NAME[:20])] == list(PartitionMeta.load(world.disk, world.path).aborting)


def test_beyond_the_recovery_point_rows_are_worth_a_note():
    world = lived(is_closed=False)
    assert codes(verified(world)) == notes(verified(world)) == []
    recovery_point = PartitionMeta.load(world.disk, world.path).recovery_point
    name = world.names(".txnidx")[-1]
    rows = rows_in(world, name)
    put(world, [*rows, AbortedTransaction(7, recovery_point, recovery_point + 1, recovery_point + 2)], name)
    assert codes(verified(world)) == []
    assert notes(verified(world)) == ["aborted-entry"]


def test_behind_damage_nobody_can_tell(world):
    store = NAMES[0].replace(".txnidx", ".log")
    overwrite(world, store, 100, b"\xff\xff")
    remove(world, NAME)
    assert codes(verified(world)) == [("crc", store)]


def test_a_cut_keeps_what_was_aborted_before_it(world):
    """Also where no checkpoint had seen it yet."""
    crashed = lived(is_closed=False)
    for one in (world, crashed):
        log = world_of(files_of(one)).open()
        stores = one.names(".log")
        where = log.segments[-2].locate(log.segments[-1].base_offset - 3)
        expected = [row for row in log.aborted_between(0, 10_000) if row.last_offset < where.base_offset]
        log.abandon()
        PartitionMeta.load(one.disk, one.path)._replace(recovery_point=10_000).store(one.disk, one.path)
        overwrite(one, stores[-2], where.position + 30, b"\xff\xff")
        assert codes(repaired(one, may_cut=True).after) == []
        assert PartitionMeta.load(one.disk, one.path).recovery_point == where.base_offset
        log = one.open()
        assert log.aborted_between(0, 10_000) == expected
        log.close()


def test_what_was_deleted_or_compacted_is_known_better_by_the_rows():
    world = lived()
    log = world.open()
    log.truncate_before(log.segments[2].base_offset + 1)
    log.close()
    assert codes(verified(world)) == []
    shop = Workshop(compaction=CompactionConfig(delete_retention_ms=0))
    for number in range(60):
        who = number % 3
        fields = {"producer_id": who, "producer_epoch": 0, "base_sequence": number // 3}
        shop.append((b"key-%d" % (number % 5), b"." * 40), transactional=True, **fields)
        if number % 4 == 3:
            shop.log.append_marker(who, 0, MarkerType(number // 4 % 2), 0, 0)
        if number % 20 == 19:
            shop.clock.advance(10)
            shop.compact()
    shop.log.close()
    shop.backend().clean()
    assert shop.names(".txnidx")
    assert codes(verified(shop)) == notes(verified(shop)) == []
