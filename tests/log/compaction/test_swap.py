"""The swap, stopped before each of its steps: opening finishes it or forgets it."""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log.backend import DirectoryBackend, FileKind
from cordwood.log.compaction.swap import CleanedFiles, Run, decided_swaps, recover_swaps, swap
from cordwood.sim.disk import SimDisk
from cordwood.sim.stops import stops

RUN = Run(0, 900)
OLD = (0, 300, 500)
KINDS = (FileKind.STORE, FileKind.INDEX, FileKind.TIME_INDEX)


def put(disk, name, data):
    file = disk.open(f"/d/{name}", create=True)
    file.write([data], 0)
    file.datasync()
    file.close()


@pytest.fixture
def disk():
    """Three segments, the one behind them, and the cleaned files of the three."""
    disk = SimDisk(SeededDice(1))
    disk.make_directory("/d")
    for offset in (*OLD, 900):
        for kind in KINDS:
            put(disk, f"{offset:020d}{kind}", b"old %d" % offset)
    for kind in KINDS:
        put(disk, RUN.file_name(kind, ".cleaned"), b"new")
    disk.sync_directory("/d")
    return disk


def contents(disk):
    """The files that a log would open, and their bytes."""
    found = {}
    for name in disk.list("/d"):
        if not name.endswith(".deleted"):
            file = disk.open(f"/d/{name}")
            found[name] = file.read(file.size(), 0)
    return found


def files(**by_offset):
    return {f"{int(offset[1:]):020d}{kind}": data for offset, data in by_offset.items() for kind in KINDS}


BEFORE = files(o0=b"old 0", o300=b"old 300", o500=b"old 500", o900=b"old 900")
AFTER = files(o0=b"new", o900=b"old 900")


def test_the_names_say_what_they_take_the_place_of():
    name = RUN.file_name(FileKind.STORE, ".swap")
    assert name == "00000000000000000000-00000000000000000900.log.swap"
    assert decided_swaps([name, RUN.file_name(FileKind.INDEX, ".swap"), "00000000000000000000.log"]) == {RUN}
    assert decided_swaps([RUN.file_name(FileKind.STORE, ".cleaned"), f"x{name}"]) == set()


def test_a_swap_takes_the_place_of_the_run(disk):
    swap(disk, DirectoryBackend(disk, "/d"), RUN, OLD)
    assert contents(disk) == AFTER
    assert len([name for name in disk.list("/d") if name.endswith(".deleted")]) == 9


def test_without_a_decision_all_is_as_before(disk):
    disk.rename(f"/d/{RUN.file_name(FileKind.INDEX, '.cleaned')}", f"/d/{RUN.file_name(FileKind.INDEX, '.swap')}")
    recover_swaps(disk, DirectoryBackend(disk, "/d"))
    assert contents(disk) == BEFORE


@pytest.mark.parametrize("seed", range(5))
def test_it_is_whole_whenever_it_is_stopped(disk, seed):
    dice = SeededDice(seed)
    found = []

    def recovered(disk):
        recover_swaps(disk, DirectoryBackend(disk, "/d"))
        found.append(contents(disk))
        assert found[-1] in (BEFORE, AFTER)

    def examine(stop):
        recovered(stop.disk.fork())
        with stops(fork := stop.disk.fork(), dice, lambda second: recovered(second.disk)):
            recover_swaps(fork, DirectoryBackend(fork, "/d"))

    with stops(disk, dice, examine):
        swap(disk, DirectoryBackend(disk, "/d"), RUN, OLD)
    assert BEFORE in found
    assert found[-1] == AFTER


def test_what_it_did_is_durable(disk):
    swap(disk, DirectoryBackend(disk, "/d"), RUN, OLD)
    for seed in range(10):
        assert contents(disk.fork().crash(SeededDice(seed))) == AFTER


def test_cleaned_files_can_be_discarded(disk):
    cleaned = CleanedFiles(disk, "/d", RUN)
    assert cleaned.exists(0, FileKind.STORE)
    cleaned.discard()
    cleaned.discard()
    assert contents(disk) == BEFORE
