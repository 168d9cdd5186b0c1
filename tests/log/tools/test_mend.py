"""Repair: afterwards verification finds nothing, and the log opens with exactly what could be saved."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.env.dice import SeededDice
from cordwood.env.disk import LocalDisk
from cordwood.log.compaction.first_dirty import load_first_dirty
from cordwood.log.log import Log
from cordwood.log.manager import CLEAN_MARKER
from cordwood.log.meta import PartitionMeta
from cordwood.log.tools.mend import owner_of, repair_directory, repair_log
from cordwood.log.tools.verify import verify_log
from cordwood.model.errors import DirectoryLocked
from cordwood.records.batch import parse_header
from cordwood.sim.disk import SimDisk
from cordwood.sim.stops import stops
from tests.log.compaction.workshop import Workshop
from tests.log.kit import SMALL, World, batch, values
from tests.log.tools.damage import (
    OPTIONS,
    codes,
    contents,
    cut,
    files_of,
    filled,
    flip,
    name_of,
    remove,
    swap,
    verified,
    world_of,
)

FILES = files_of(filled())
STORES = [name for name in FILES if name.endswith(".log")]
BASES = [int(name[:20]) for name in STORES]
MIDDLE, MIDDLE_BASE = STORES[2], BASES[2]
BATCH = parse_header(FILES[MIDDLE]).size_bytes
CONTENTS = contents(world_of(FILES))


@pytest.fixture
def world():
    """A log of several segments, closed."""
    return world_of(FILES)


def repaired(world, *, may_cut=True, dry=False):
    return repair_log(world.disk, world.clock, world.path, OPTIONS, may_cut=may_cut, dry=dry)


def reopened(world, start, end):
    """The log opens as it is: with the records from `start` to `end` as they were, and it can be appended to."""
    assert codes(verified(world)) == []
    log = world.open()
    assert (log.start_offset, log.end_offset) == (start, end)
    assert dict(values(log)) == {offset: value for offset, value in CONTENTS.items() if start <= offset < end}
    assert log.append(b"more") == end
    log.close()
    assert codes(verified(world)) == []


def test_a_sound_log_is_left_as_it_is(world):
    before = {name: world.content(name) for name in world.names()}
    done = repaired(world)
    assert not done.plans
    assert {name: world.content(name) for name in world.names()} == before


def test_a_cut_in_the_middle(world):
    flip(world, MIDDLE, BATCH + 70)
    done = repaired(world)
    assert done.plans[0].cut is not None
    assert (done.before.end_offset, done.after.end_offset) == (134, MIDDLE_BASE + 3)
    assert world.names(".deleted") == []
    reopened(world, 0, MIDDLE_BASE + 3)


def test_a_cut_where_a_segment_begins(world):
    flip(world, MIDDLE, 70)
    repaired(world)
    assert world.names(".log") == STORES[:2]
    reopened(world, 0, MIDDLE_BASE)


def test_a_cut_of_everything(world):
    flip(world, STORES[0], 70)
    repaired(world)
    reopened(world, 0, 0)


def test_a_cut_below_the_start_begins_there_anew():
    world = filled(start=50)
    first = world.names(".log")[0]
    size = parse_header(world.content(first)).size_bytes
    assert int(first[:20]) < 50
    flip(world, first, size - 1)
    repaired(world)
    assert codes(verified(world)) == []
    log = world.open()
    assert (log.start_offset, log.end_offset) == (50, 50), "offsets are never given twice"
    assert log.append(b"more") == 50


def test_without_leave_nothing_is_cut(world):
    flip(world, MIDDLE, BATCH + 70)
    flip(world, name_of(BASES[1], ".idx"), 16)
    flip(world, name_of(BASES[1], ".snapshot"), 20)
    done = repaired(world, may_cut=False)
    assert codes(done.after) == [("crc", MIDDLE), ("snapshot", name_of(BASES[1], ".snapshot"))]
    assert world.content(name_of(BASES[1], ".idx")) == FILES[name_of(BASES[1], ".idx")]
    assert world.names(".log") == STORES


def test_a_dry_run_changes_nothing(world):
    flip(world, MIDDLE, BATCH + 70)
    flip(world, name_of(BASES[1], ".idx"), 16)
    before = {name: world.content(name) for name in world.names()}
    done = repaired(world, dry=True)
    assert len(done.plans) == 1
    assert {name: world.content(name) for name in world.names()} == before


def test_numbers_are_written_back_to_the_byte(world):
    flip(world, MIDDLE, BATCH + 7, bit=1)
    flip(world, MIDDLE, 3 * BATCH + 15, bit=4)
    repaired(world, may_cut=False)
    assert world.content(MIDDLE) == FILES[MIDDLE]
    reopened(world, 0, 134)


@pytest.mark.parametrize("suffix", [".idx", ".timeidx"])
def test_indexes_are_rebuilt_to_the_byte(world, suffix):
    for base in BASES[:-1]:
        world.replace(name_of(base, suffix), b"rubbish" * 9)
    repaired(world, may_cut=False)
    for base in BASES[:-1]:
        assert world.content(name_of(base, suffix)) == FILES[name_of(base, suffix)]
    reopened(world, 0, 134)


def test_snapshots_are_made_again(world):
    for name in world.names(".snapshot"):
        flip(world, name, 20)
    repaired(world, may_cut=False)
    assert world.names(".snapshot") == [name_of(134, ".snapshot")]
    reopened(world, 0, 134)
    assert {id_ for id_, _ in world.open().producers} == {7, 8}


@pytest.mark.parametrize("how", ["lost", "rubbish"])
def test_epochs_are_made_again(world, how):
    remove(world, "leader-epochs")
    if how == "rubbish":
        world.replace("leader-epochs", b"rubbish")
    repaired(world, may_cut=False)
    assert world.content("leader-epochs") == FILES["leader-epochs"]


def test_meta_is_made_again(world):
    world.replace("partition.meta", b"rubbish")
    repaired(world, may_cut=False)
    meta = PartitionMeta.load(world.disk, world.path)
    assert (meta.start_offset, meta.recovery_point) == (0, 134)
    reopened(world, 0, 134)


def test_a_lost_beginning(world):
    topic_id = bytes(range(16))
    PartitionMeta.load(world.disk, world.path)._replace(topic_id=topic_id).store(world.disk, world.path)
    remove(world, STORES[0])
    repaired(world, may_cut=False)
    assert PartitionMeta.load(world.disk, world.path).topic_id == topic_id
    reopened(world, BASES[1], 134)


def test_a_lost_file_in_the_middle(world):
    remove(world, MIDDLE)
    repaired(world)
    assert world.names(".idx") == [name_of(base, ".idx") for base in BASES[:2]]
    reopened(world, 0, MIDDLE_BASE)


def test_a_lost_end(world):
    cut(world, STORES[-1], 0)
    repaired(world)
    reopened(world, 0, BASES[-1])


def test_every_store_lost(world):
    for name in STORES:
        remove(world, name)
    repaired(world)
    reopened(world, 0, 0)


def test_stores_under_each_others_names(world):
    swap(world, STORES[1], STORES[2])
    repaired(world)
    reopened(world, 0, BASES[1])


def test_an_unfinished_end_is_left_to_the_opening(world):
    world.replace(STORES[-1], world.content(STORES[-1]) + b"torn")
    remove(world, "leader-epochs")
    repaired(world, may_cut=False)
    assert world.content(STORES[-1]).endswith(b"torn")
    reopened(world, 0, 134)


def test_segments_behind_an_unfinished_write_are_left_to_the_opening():
    world = filled(is_closed=False)
    stores = world.names(".log")
    PartitionMeta.load(world.disk, world.path)._replace(recovery_point=50).store(world.disk, world.path)
    for name in world.names(".snapshot"):
        remove(world, name)
    cut(world, stores[3], len(world.content(stores[3])) - 5)
    flip(world, "leader-epochs", 20)
    repaired(world, may_cut=False)
    report = verified(world)
    assert codes(report) == []
    assert world.open().end_offset == report.end_offset < 134


def test_a_compaction_that_was_decided_is_finished_first():
    disk = SimDisk(SeededDice(1))
    shop = Workshop(disk=disk)
    shop.fill(30)
    shop.log.checkpoint()
    repaired_ones = []

    def look(stop):
        world = World(shop.config, stop.disk.fork(), shop.path)
        if any(name.endswith(".log.swap") for name in world.names()):
            remove(world, "leader-epochs")
            repaired(world, may_cut=False)
            assert codes(verified(world)) == []
            assert not world.names(".swap")
            world.open().close()
            repaired_ones.append(stop)

    with stops(disk, SeededDice(1), look):
        shop.compact()
    assert repaired_ones


def test_a_cut_moves_what_is_compacted():
    shop = Workshop()
    shop.fill(30)
    shop.compact()
    shop.log.close()
    assert load_first_dirty(shop.disk, shop.path) > 0
    flip(shop, shop.names(".log")[0], 50)
    repaired(shop)
    assert load_first_dirty(shop.disk, shop.path) == 0


def test_a_damaged_compaction_goes():
    shop = Workshop()
    shop.fill(30)
    shop.compact()
    shop.log.close()
    flip(shop, "compaction", 20)
    repaired(shop, may_cut=False)
    assert "compaction" not in shop.names()
    assert codes(verified(shop)) == []


NAMES = [name for name in FILES if not name.endswith(".deleted")]


@st.composite
def damages(draw):
    """Something that happens to one file."""
    name = draw(st.sampled_from(NAMES))
    size = len(FILES[name])
    match draw(st.sampled_from(["flip", "cut", "lose", "swap", "zeros", "rubbish", "more"])):
        case "flip":
            at, bit = draw(st.integers(0, size * 8 - 1)) // 8, draw(st.integers(0, 7))
            return lambda world: flip(world, name, at, bit) if at < len(world.content(name)) else None
        case "cut":
            left = draw(st.integers(0, size))
            return lambda world: cut(world, name, left)
        case "lose":
            return lambda world: remove(world, name)
        case "swap":
            other = draw(st.sampled_from([one for one in NAMES if one[-4:] == name[-4:]]))
            return lambda world: swap(world, name, other)
        case "more":
            more = draw(st.binary(min_size=1, max_size=100))
            return lambda world: world.replace(name, world.content(name) + more)
        case what:
            start = draw(st.integers(0, size))
            data = bytes(draw(st.integers(1, 200))) if what == "zeros" else draw(st.binary(min_size=1, max_size=200))
            return lambda world: world.replace(name, _put(world.content(name), start, data))


def _put(content, start, data):
    return (content[:start] + data + content[start + len(data) :])[: len(content)]


@settings(max_examples=150)
@given(st.lists(damages(), min_size=1, max_size=3))
def test_whatever_happened_it_is_repaired(planted):
    world = world_of(FILES)
    for damage in planted:
        if set(NAMES) <= set(world.names()):
            damage(world)
    done = repaired(world)
    assert codes(done.after) == []
    log = world.open()
    assert log.end_offset == done.after.end_offset
    found = dict(values(log))
    assert found == {offset: CONTENTS[offset] for offset in range(log.start_offset, log.end_offset)}
    log.close()
    assert codes(verified(world)) == []


def test_a_repair_that_is_stopped_is_begun_again():
    """At every operation, power failures included: nothing that it wanted to keep is lost, and the next one ends it."""
    disk = SimDisk(SeededDice(1))
    world = world_of(FILES, disk)
    for name in FILES:
        world.file(name).datasync()
    disk.sync_directory(world.path)
    flip(world, MIDDLE, BATCH + 70)
    flip(world, name_of(BASES[1], ".idx"), 16)
    world.file(MIDDLE).datasync()
    looked_at = 0

    def look(stop):
        nonlocal looked_at
        looked_at += 1
        again = World(SMALL, stop.disk.fork())
        repaired(again)
        reopened(again, 0, MIDDLE_BASE + 3)

    with stops(disk, SeededDice(2), look):
        repaired(world)
    assert looked_at > 50


# Whose it is.


def test_a_log_in_a_data_directory_is_owned_with_it(tmp_path):
    data = tmp_path / "data"
    (data / "orders-0").mkdir(parents=True)
    path = str(data / "orders-0")
    assert owner_of(LocalDisk(), path) == path
    (data / "LOCK").touch()
    assert owner_of(LocalDisk(), path) == str(data)


def test_a_log_that_is_open_is_not_for_repair(tmp_path):
    path = str(tmp_path / "orders")
    with Log.open(path):
        with pytest.raises(DirectoryLocked, match="process"):
            LocalDisk().lock(owner_of(LocalDisk(), path))


def test_a_damaged_marker_goes():
    world = World()
    directory = world.path.rpartition("/")[0]
    world.disk.open(f"{directory}/{CLEAN_MARKER}", create=True)
    assert len(repair_directory(world.disk, directory, dry=True)) == 1
    assert world.disk.exists(f"{directory}/{CLEAN_MARKER}")
    [step] = repair_directory(world.disk, directory)
    assert step.path.endswith(CLEAN_MARKER)
    assert not world.disk.exists(f"{directory}/{CLEAN_MARKER}")
    assert repair_directory(world.disk, directory) == []


def test_a_log_on_a_real_disk(tmp_path):
    path = str(tmp_path / "log")
    with Log.open(path, SMALL) as log:
        for number in range(40):
            log.append_batch(batch(3, start=number), 1)
    disk = LocalDisk()
    stores = [name for name in disk.list(path) if name.endswith(".log")]
    file = disk.open(f"{path}/{stores[1]}")
    file.write([b"x"], 80)
    done = repair_log(disk, World().clock, path, OPTIONS, may_cut=True)
    assert not verify_log(disk, path, OPTIONS).damage
    with Log.open(path, SMALL) as log:
        assert log.end_offset == done.after.end_offset == int(stores[1][:20])
