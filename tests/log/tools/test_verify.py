"""Verification of a whole log: each kind of planted damage is found by its name, and no crash is taken for damage."""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log import checkpoint
from cordwood.log.epochs import EPOCHS, EpochCache
from cordwood.log.manager import CLEAN, CLEAN_MARKER
from cordwood.log.meta import PartitionMeta
from cordwood.log.tools import verify as module
from cordwood.log.tools.findings import LogReport
from cordwood.log.tools.verify import Options, verify_directory, verify_log
from cordwood.model.errors import StorageFailed
from cordwood.records.batch import parse_header
from cordwood.sim.disk import SimDisk
from cordwood.sim.stops import stops
from tests.log.compaction.workshop import Workshop
from tests.log.kit import World, batch
from tests.log.test_golden import FOLDER
from tests.log.tools.damage import (
    OPTIONS,
    codes,
    cut,
    files_of,
    filled,
    flip,
    name_of,
    notes,
    overwrite,
    remove,
    swap,
    verified,
    world_of,
)
from tests.sim.log_workload import PATH, Workload, config_of, open_log

FILES = files_of(filled())
STORES = [name for name in FILES if name.endswith(".log")]
MIDDLE = STORES[2]
MIDDLE_BASE = int(MIDDLE[:20])
BATCH = parse_header(FILES[MIDDLE]).size_bytes


@pytest.fixture
def world():
    """A log of several segments, closed."""
    return world_of(FILES)


def test_a_closed_log_is_clean(world):
    report = verified(world)
    assert codes(report) == []
    assert set(notes(report)) <= {"leftover"}
    assert report.segments == len(STORES) > 4
    assert (report.start_offset, report.end_offset, report.recovery_point) == (0, 134, 134)
    assert report.batches == 54


def test_an_abandoned_log_is_clean():
    report = verified(filled(is_closed=False))
    assert not report.damage
    assert (report.end_offset, report.recovery_point) == (134, 130)


def test_a_log_that_does_not_begin_at_zero_is_clean():
    report = verified(filled(start=50))
    assert not report.damage
    assert report.start_offset == 50


FIELDS = {
    "base offset": (7, "offset"),
    "length": (8, "batch"),
    "leader epoch": (14, "epoch"),
    "magic": (16, "batch"),
    "crc": (17, "crc"),
    "attributes": (22, "crc"),
    "last offset delta": (26, "crc"),
    "base timestamp": (30, "crc"),
    "max timestamp": (40, "crc"),
    "producer id": (50, "crc"),
    "producer epoch": (52, "crc"),
    "base sequence": (56, "crc"),
    "record count": (60, "crc"),
    "record": (70, "crc"),
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_wrong_bit_in_each_field_of_a_batch(world, field):
    position, code = FIELDS[field]
    flip(world, MIDDLE, position)
    assert codes(verified(world)) == [(code, MIDDLE)]


@pytest.mark.parametrize("suffix", [".idx", ".timeidx"])
@pytest.mark.parametrize("position", [0, 8])
def test_a_wrong_bit_in_an_index(world, suffix, position):
    name = name_of(MIDDLE_BASE, suffix)
    flip(world, name, 16 + position)
    assert ("index-entry", name) in codes(verified(world))


@pytest.mark.parametrize(
    ("name", "code"),
    [("partition.meta", "meta"), ("leader-epochs", "leader-epochs"), (MIDDLE[:20] + ".snapshot", "snapshot")],
)
@pytest.mark.parametrize("position", [0, 4, 13, 20])
def test_a_wrong_bit_in_a_checkpoint(world, name, code, position):
    flip(world, name, position)
    assert codes(verified(world)) == [(code, name)]


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        (MIDDLE, 400, "batch"),
        (STORES[-1], 10, "batch"),
        (name_of(MIDDLE_BASE, ".idx"), 16, "index-short"),
        (name_of(MIDDLE_BASE, ".idx"), 20, "index-size"),
        (name_of(MIDDLE_BASE, ".timeidx"), 16, "index-short"),
        (name_of(MIDDLE_BASE, ".snapshot"), 20, "snapshot"),
        ("partition.meta", 0, "meta"),
        ("leader-epochs", 30, "leader-epochs"),
    ],
)
def test_a_file_that_is_cut(world, name, size, code):
    cut(world, name, size)
    assert (code, name) in codes(verified(world))


def test_a_store_that_is_empty_is_as_good_as_lost(world):
    cut(world, MIDDLE, 0)
    assert codes(verified(world)) == [("gap", STORES[1])]
    assert "empty-segment" in notes(verified(world))


def test_an_empty_store_inside_of_another_is_a_truncation_under_way():
    """A log that begins anew has the new store before the old ones are gone."""
    world = World()
    log = world.open()
    log.append_batch(batch(3), 0)
    world.replace(name_of(1, ".log"), b"")
    report = verified(world)
    assert codes(report) == []
    assert report.end_offset == world.open().end_offset == 3


def test_a_store_that_is_cut_between_two_batches(world):
    cut(world, MIDDLE, 4 * BATCH)
    assert ("gap", MIDDLE) in codes(verified(world))
    last = world_of(FILES)
    cut(last, STORES[-1], 0)
    assert ("end", STORES[-1]) in codes(verified(last))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (STORES[0], [("start", STORES[1])]),
        (
            MIDDLE,
            [
                ("gap", STORES[1]),
                ("orphan", name_of(MIDDLE_BASE, ".idx")),
                ("orphan", name_of(MIDDLE_BASE, ".timeidx")),
            ],
        ),
        (STORES[-1], [("end", STORES[-2])]),
        (name_of(MIDDLE_BASE, ".idx"), [("index-missing", name_of(MIDDLE_BASE, ".idx"))]),
        (name_of(MIDDLE_BASE, ".timeidx"), [("index-missing", name_of(MIDDLE_BASE, ".timeidx"))]),
        ("leader-epochs", [("leader-epochs-missing", "leader-epochs")]),
    ],
)
def test_a_file_that_is_lost(world, name, damage):
    remove(world, name)
    assert codes(verified(world)) == damage


def test_a_lost_meta_is_damage_only_where_it_must_have_been(world):
    remove(world, "partition.meta")
    assert codes(verified(world)) == []
    assert "meta-missing" in notes(verified(world)), "a crash before the first checkpoint leaves the same"
    world.disk.open(f"{world.path.rpartition('/')[0]}/{CLEAN_MARKER}", create=True)
    assert codes(verified(world)) == [("meta-missing", "partition.meta")]
    later = filled(start=50)
    remove(later, "partition.meta")
    assert codes(verified(later)) == [("meta-missing", "partition.meta")]


def test_without_meta_the_newest_snapshot_tells_what_was_on_the_device(world):
    remove(world, "partition.meta")
    assert verified(world).recovery_point == 134
    flip(world, world.names(".snapshot")[-1], 20)
    assert 0 < verified(world).recovery_point < 134


@pytest.mark.parametrize("suffix", [".log", ".idx", ".timeidx", ".snapshot"])
def test_files_with_each_others_names(world, suffix):
    one, other = world.names(suffix)[1:3]
    swap(world, one, other)
    report = verified(world)
    assert {file for _, file in codes(report)} & {one, other}
    if suffix == ".snapshot":
        assert codes(report) == [("snapshot-name", one), ("snapshot-name", other)]
    elif suffix != ".log":
        assert {code for code, _ in codes(report)} <= {"index-entry", "index-range", "index-short", "index-order"}
    else:
        assert ("offset", one) in codes(report)


def test_the_two_indexes_under_each_others_names(world):
    swap(world, name_of(MIDDLE_BASE, ".idx"), name_of(MIDDLE_BASE, ".timeidx"))
    assert {file for _, file in codes(verified(world))} == {
        name_of(MIDDLE_BASE, ".idx"),
        name_of(MIDDLE_BASE, ".timeidx"),
    }


def test_a_file_of_another_log(world):
    other = World(world.config)
    log = other.open()
    for number in range(50):
        log.append_batch(batch(3, start=number), 9)
    log.close()
    world.replace("leader-epochs", other.content("leader-epochs"))
    assert codes(verified(world)) == [("leader-epochs-differ", "leader-epochs")]


def test_epochs_that_are_not_in_order(world):
    entries = EpochCache(((3, 10), (2, 20)))
    world.replace("leader-epochs", checkpoint.encode(EPOCHS, entries.encode()))
    assert codes(verified(world)) == [("leader-epochs", "leader-epochs")]


def test_files_that_do_no_harm_are_noted(world):
    for name in ("notes.txt", "sync-failed", f"{7:020d}.log.1.deleted", f"{999:020d}.idx"):
        world.replace(name, b"")
    beyond = world.content(world.names(".snapshot")[-1])
    world.replace(name_of(900, ".snapshot"), beyond)
    report = verified(world)
    assert codes(report) == []
    assert notes(report) == ["leftover", "orphan", "snapshot-beyond", "stranger", "sync-failed"]


def test_a_store_that_begins_too_late(world):
    PartitionMeta(start_offset=0, recovery_point=134).store(world.disk, world.path)
    for suffix in (".log", ".idx", ".timeidx"):
        remove(world, name_of(0, suffix))
    [finding] = verified(world).damage
    assert (finding.code, finding.right) == ("start", int(STORES[1][:20]))


def test_a_data_directory(tmp_path):
    world = World()
    directory = world.path.rpartition("/")[0]
    assert verify_directory(world.disk, directory) == []
    marker = f"{directory}/{CLEAN_MARKER}"
    checkpoint.replace(world.disk, marker, CLEAN, b"")
    world.disk.make_directory(f"{directory}/.1-delete")
    world.disk.make_directory(f"{directory}/.2-stray")
    world.disk.make_directory(f"{directory}/.3-moving")
    found = sorted(finding.code for finding in verify_directory(world.disk, directory))
    assert found == ["leftover", "leftover", "stranger"]
    file = world.disk.open(marker)
    file.write([b"x"], 0)
    assert verify_directory(world.disk, directory)[0].code == "clean-marker"


# A log that is in use.


def test_while_files_change_it_is_looked_at_again(world, monkeypatch):
    """The first look meets a file that retention takes away."""
    looks = []

    def look(disk, path, options):
        looks.append(path)
        if len(looks) == 1:
            for suffix in (".log", ".idx", ".timeidx"):
                remove(world, name_of(0, suffix))
            PartitionMeta(start_offset=int(STORES[1][:20]), recovery_point=134).store(world.disk, world.path)
            raise StorageFailed("/mem/log/0.log", "open", FileNotFoundError())
        return real(disk, path, options)

    real = module._verify
    monkeypatch.setattr(module, "_verify", look)
    assert not verified(world).damage
    assert len(looks) == 2


def test_damage_is_told_only_if_the_files_stood_still(world, monkeypatch):
    looks = []

    def look(disk, path, options):
        looks.append(path)
        report = real(disk, path, options)
        if len(looks) == 1:
            world.replace(MIDDLE, FILES[MIDDLE])
        return report

    real = module._verify
    monkeypatch.setattr(module, "_verify", look)
    cut(world, MIDDLE, 4 * BATCH)
    assert not verified(world).damage
    assert len(looks) == 2


def test_a_log_that_never_stands_still_is_told_as_it_was_last_seen(world, monkeypatch):
    flip(world, MIDDLE, 70)
    states = iter(range(100))
    monkeypatch.setattr(module, "_state", lambda *_: next(states))
    assert codes(verified(world)) == [("crc", MIDDLE)]


def test_a_disk_that_fails_is_told(world, monkeypatch):
    def fail(*_):
        raise StorageFailed(MIDDLE, "read", OSError(5, "EIO"))

    monkeypatch.setattr(module, "_verify", fail)
    with pytest.raises(StorageFailed):
        verified(world)


def test_appends_between_looks_change_nothing(world):
    log = world.open()
    for number in range(100):
        log.append_batch(batch(1, start=number), 4)
        if number % 7 == 0:
            log.checkpoint()
        report = verified(world)
        assert not report.damage
        assert report.end_offset == log.end_offset


# Crashes.


@pytest.mark.parametrize("policy", ["commit", "os"])
@pytest.mark.parametrize("seed", range(3))
def test_no_crash_is_taken_for_damage(seed, policy):
    """At every operation of a life, power failures included: what the opening finds is what verification finds."""
    workload = Workload(SimDisk(SeededDice(seed), cuts_by_copy=seed % 2 == 1), config_of(seed, policy), seed)
    options = Options(decodes_records=True, index_interval_bytes=max(workload.config.index_interval_bytes, 1))

    def clean(disk) -> LogReport:
        report = verify_log(disk, PATH, options)
        assert not report.damage, report.damage
        return report

    def look(stop):
        disk = stop.disk.fork()
        if not disk.exists(PATH):
            return
        report = clean(disk)
        log, _ = open_log(disk, workload.config)
        assert log.end_offset == report.end_offset
        log.close()
        assert clean(disk).end_offset == report.end_offset

    with stops(workload.disk, SeededDice(seed), look):
        workload.run(8)


def test_no_crash_of_a_compaction_is_taken_for_damage():
    disk = SimDisk(SeededDice(1))
    shop = Workshop(disk=disk)
    shop.fill(30)
    shop.log.checkpoint()
    seen = set()

    def look(stop):
        fork = stop.disk.fork()
        report = verify_log(fork, shop.path, OPTIONS)
        assert not report.damage, report.damage
        log = World(shop.config, fork, shop.path).open()
        assert log.end_offset == report.end_offset
        log.close()
        assert not verify_log(fork, shop.path, OPTIONS).damage
        seen.update(name.rpartition(".")[2] for name in stop.disk.list(shop.path))

    with stops(disk, SeededDice(1), look):
        shop.compact()
    assert seen > {"cleaned", "swap"}


def test_a_compacted_log_is_clean_and_damage_in_it_is_found():
    shop = Workshop()
    shop.fill(30)
    shop.compact()
    shop.log.close()
    assert codes(verify_log(shop.disk, shop.path, OPTIONS)) == []
    first = shop.names(".log")[0]
    flip(shop, first, 50)
    flip(shop, "compaction", 20)
    assert codes(verify_log(shop.disk, shop.path, OPTIONS)) == [("compaction", "compaction"), ("crc", first)]


def test_a_compacted_segment_that_takes_appends_again_is_clean():
    """The segment behind it was empty when the log was opened."""
    shop = Workshop()
    for value in (b"old", b"new"):
        shop.append((b"key", value))
    shop.roll()
    end = shop.log.segments[-1].base_offset
    shop.compact()
    shop.log.truncate(end)
    shop.log.close()
    assert [name for name in shop.names(".log") if shop.content(name)] == [f"{0:020d}.log"]
    assert codes(verify_log(shop.disk, shop.path, OPTIONS)) == []


def test_the_golden_log_is_clean():
    """What was once written, by the tools of today."""
    world = World()
    for path in FOLDER.iterdir():
        if path.name != "cordwood_clean":
            world.replace(path.name, path.read_bytes())
    report = verify_log(world.disk, world.path, OPTIONS)
    assert not report.findings
    assert (report.start_offset, report.end_offset) == (4, 83)


def test_overwriting_with_zeros_is_found(world):
    overwrite(world, MIDDLE, BATCH, bytes(BATCH))
    assert codes(verified(world)) == [("batch", MIDDLE)]
