"""Files of segments by name: found, opened, removed at once and cleaned later."""

from __future__ import annotations

from cordwood.log.backend import DirectoryBackend, FileKind
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import World


def test_names_are_offsets_in_twenty_digits():
    world = World()
    backend = world.backend()
    backend.open(5, FileKind.STORE, create=True).write([b"x"], 0)
    backend.open(1 << 60, FileKind.STORE, create=True)
    backend.open(5, FileKind.INDEX, create=True)
    assert world.names() == ["00000000000000000005.idx", "00000000000000000005.log", "01152921504606846976.log"]
    assert backend.list(FileKind.STORE) == [5, 1 << 60]
    assert backend.list(FileKind.INDEX) == [5]
    assert backend.exists(5, FileKind.INDEX)
    assert not backend.exists(5, FileKind.TIME_INDEX)
    assert backend.path_of(5, FileKind.STORE) == "/mem/log/00000000000000000005.log"


def test_other_files_are_left_alone():
    world = World()
    for name in ("5.log", "notes.log", "0000000000000000000x.log", "LOCK", "00000000000000000005.log.bak"):
        world.replace(name, b"")
    backend = world.backend()
    assert backend.list(FileKind.STORE) == []
    assert backend.clean(opening=True) == 0
    assert len(world.names()) == 5


def test_a_removed_file_is_gone_at_once_and_its_bytes_later():
    world = World()
    backend = world.backend()
    file = backend.open(5, FileKind.STORE, create=True)
    file.write([b"first"], 0)
    backend.remove(5, FileKind.STORE)
    backend.remove(5, FileKind.STORE)
    assert backend.list(FileKind.STORE) == []
    backend.open(5, FileKind.STORE, create=True).write([b"second"], 0)
    backend.remove(5, FileKind.STORE)
    assert len(world.names(".deleted")) == 2
    assert backend.clean() == 2
    assert world.names() == []
    assert file.read(5, 0) == b"first"


def test_only_opening_takes_away_what_is_half_done():
    world = World()
    world.replace("leader-epochs.new", b"")
    world.replace("00000000000000000005.log.cut", b"")
    backend = world.backend()
    assert backend.clean() == 0
    assert backend.clean(opening=True) == 2


def test_another_thread_may_have_cleaned(monkeypatch):
    world = World()
    backend = world.backend()
    backend.open(5, FileKind.STORE, create=True)
    backend.remove(5, FileKind.STORE)
    listed = world.disk.list(world.path)
    backend.clean()
    monkeypatch.setattr(world.disk, "list", lambda path: listed)
    assert backend.clean() == 1


def test_sync_makes_names_durable():
    disk = SimDisk()
    disk.make_directory("/d")
    backend = DirectoryBackend(disk, "/d")
    backend.open(5, FileKind.STORE, create=True)
    backend.sync()
    assert disk.crash().list("/d") == ["00000000000000000005.log"]


def test_doubt_lasts_until_the_power_fails_or_until_trust():
    disk = SimDisk()
    disk.make_directory("/sim/log")
    backend = DirectoryBackend(disk, "/sim/log")
    assert not backend.is_doubted
    backend.doubt()
    backend.doubt()
    disk = disk.kill()
    backend = DirectoryBackend(disk, "/sim/log")
    assert backend.is_doubted
    backend.trust()
    backend.trust()
    assert not backend.is_doubted


def test_doubt_on_a_broken_device_is_no_second_error():
    disk = SimDisk()
    disk.make_directory("/sim/log")
    disk.faults.fail(Fault(Operation.CREATE))
    backend = DirectoryBackend(disk, "/sim/log")
    backend.doubt()
    assert not backend.is_doubted


def test_a_directory_is_listed_once_and_again_where_something_changed():
    world = World()
    backend = world.backend()
    for offset in (0, 7):
        backend.open(offset, FileKind.STORE, create=True)
    with backend.listed_once():
        assert backend.list(FileKind.STORE) == [0, 7]
        world.disk.open(backend.path_of(9, FileKind.STORE), create=True)
        assert backend.list(FileKind.STORE) == [0, 7], "nobody else makes files meanwhile, so nobody looks"
        backend.open(7, FileKind.STORE, create=True)
        assert backend.list(FileKind.STORE) == [0, 7]
        backend.open(8, FileKind.STORE, create=True)
        assert backend.list(FileKind.STORE) == [0, 7, 8, 9]
        backend.remove(7, FileKind.STORE)
        assert backend.list(FileKind.STORE) == [0, 8, 9]
        assert backend.clean() == 1
    world.disk.open(backend.path_of(11, FileKind.STORE), create=True)
    assert backend.list(FileKind.STORE) == [0, 8, 9, 11]
