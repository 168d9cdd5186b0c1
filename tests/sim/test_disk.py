"""What is the simulated disk's own. What it shares with all disks: tests/conformance."""

from __future__ import annotations

import errno

import pytest

from cordwood.env.dice import SeededDice
from cordwood.model.errors import DirectoryLocked, DiskFull, StorageFailed
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Crashed, Fault, Operation


@pytest.fixture
def disk():
    """A disk with a directory."""
    disk = SimDisk(SeededDice(1))
    disk.make_directory("/data")
    return disk


def content(disk: SimDisk, path: str) -> bytes:
    """All bytes of a file."""
    file = disk.open(path)
    return file.read(file.size(), 0)


def test_what_was_synced_survives_a_power_failure(disk):
    file = disk.open("/data/a", create=True)
    file.write([b"kept"], 0)
    file.datasync()
    disk.sync_directory("/data")
    file.write([b"lost?"], 4)
    for seed in range(20):
        after = disk.fork().crash(SeededDice(seed))
        assert content(after, "/data/a").startswith(b"kept")


def test_a_file_whose_name_was_not_synced_may_be_gone(disk):
    file = disk.open("/data/a", create=True)
    file.write([b"kept"], 0)
    file.datasync()
    outcomes = {tuple(disk.fork().crash(SeededDice(seed)).list("/data")) for seed in range(20)}
    assert outcomes == {(), ("a",)}


def test_a_made_directory_is_durable(disk):
    disk.make_directory("/data/x/y")
    assert disk.crash(SeededDice(0)).exists("/data/x/y")


def test_a_killed_process_loses_nothing(disk):
    file = disk.open("/data/a", create=True)
    file.write([b"written"], 0)
    disk.rename("/data/a", "/data/b")
    after = disk.kill()
    assert content(after, "/data/b") == b"written"
    assert {tuple(after.fork().crash(SeededDice(seed)).list("/data")) for seed in range(20)} >= {(), ("b",)}


@pytest.mark.parametrize("stop", ["crash", "kill"])
def test_a_stopped_disk_takes_no_calls_and_gives_up_its_locks(disk, stop):
    file = disk.open("/data/a", create=True)
    disk.lock("/data")
    view = file.view(0, 0)
    after = getattr(disk, stop)()
    for use in (
        file.size,
        file.datasync,
        lambda: file.read(1, 0),
        lambda: file.resident(0, 1),
        lambda: file.write([b"x"], 0),
        lambda: file.truncate(0),
        lambda: disk.exists("/data"),
        lambda: disk.open("/data/a"),
        lambda: disk.list("/data"),
        lambda: disk.make_directory("/data"),
        lambda: disk.free_bytes("/data"),
        lambda: disk.total_bytes("/data"),
    ):
        with pytest.raises(Crashed):
            use()
    file.close()
    assert bytes(view) == b""
    lock = after.lock("/data")
    with pytest.raises(DirectoryLocked):
        after.lock("/data")
    lock.release()


def test_a_crash_in_the_middle_of_a_write_leaves_a_part(disk):
    file = disk.open("/data/a", create=True)
    disk.faults.crash_at(disk.faults.operations, in_the_middle=True)
    with pytest.raises(Crashed, match="half done"):
        file.write([b"0123456789"], 0)
    left = content(disk.kill(), "/data/a")
    assert 0 < len(left) < 10
    assert b"0123456789".startswith(left)


def test_a_crash_before_an_operation_leaves_it_undone(disk):
    disk.open("/data/a", create=True)
    disk.faults.crash_at(disk.faults.operations + 1)
    disk.rename("/data/a", "/data/b")
    with pytest.raises(Crashed, match="fsync /data"):
        disk.sync_directory("/data")
    assert disk.kill().list("/data") == ["b"]


def test_a_full_disk_keeps_nothing_of_the_write(disk):
    file = disk.open("/data/a", create=True)
    file.write([b"kept"], 0)
    disk.faults.fail(Fault(Operation.WRITE, errno.ENOSPC))
    with pytest.raises(DiskFull):
        file.write([b"x" * 100], 4)
    assert content(disk, "/data/a") == b"kept"
    assert file.write([b"!"], 4) == 1


def test_where_even_the_cutting_back_fails_garbage_is_left(disk):
    file = disk.open("/data/a", create=True)
    disk.faults.fail(Fault(Operation.WRITE))
    disk.faults.fail(Fault(Operation.CUT_BACK))
    with pytest.raises(StorageFailed):
        file.write([b"x" * 100], 0)
    assert 0 < file.size() < 100


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_a_failed_datasync_is_never_a_full_disk(disk, number):
    file = disk.open("/data/a", create=True)
    disk.sync_directory("/data")
    disk.faults.fail(Fault(Operation.DATASYNC, number))
    file.write([b"x" * 100], 0)
    with pytest.raises(StorageFailed) as caught:
        file.datasync()
    assert type(caught.value) is StorageFailed
    assert content(disk, "/data/a") == b"x" * 100
    file.datasync()
    assert len({content(disk.fork().crash(SeededDice(seed)), "/data/a") for seed in range(20)}) == 1


@pytest.mark.parametrize(
    ("operation", "use"),
    [
        (Operation.READ, lambda disk: content(disk, "/data/a")),
        (Operation.OPEN, lambda disk: disk.open("/data/a")),
        (Operation.CREATE, lambda disk: disk.open("/data/b", create=True)),
        (Operation.TRUNCATE, lambda disk: disk.open("/data/a").truncate(0)),
        (Operation.RENAME, lambda disk: disk.rename("/data/a", "/data/b")),
        (Operation.UNLINK, lambda disk: disk.unlink("/data/a")),
        (Operation.SYNC_DIRECTORY, lambda disk: disk.sync_directory("/data")),
        (Operation.MAKE_DIRECTORY, lambda disk: disk.make_directory("/data/x")),
        (Operation.REMOVE_DIRECTORY, lambda disk: disk.remove_directory("/data/empty")),
    ],
)
def test_every_operation_can_fail_and_changes_nothing_then(disk, operation, use):
    disk.open("/data/a", create=True).write([b"kept"], 0)
    disk.make_directory("/data/empty")
    disk.faults.fail(Fault(operation))
    with pytest.raises(StorageFailed):
        use(disk)
    assert disk.list("/data") == ["a", "empty"]
    assert content(disk, "/data/a") == b"kept"


def test_files_stay_in_their_directory(disk):
    disk.open("/data/a", create=True)
    disk.make_directory("/data/x")
    with pytest.raises(StorageFailed) as caught:
        disk.rename("/data/a", "/data/x/a")
    assert isinstance(caught.value.cause, OSError)
    assert caught.value.cause.errno == errno.EXDEV


def test_a_cut_by_copy_is_as_the_local_disk_does_it():
    disk = SimDisk(cuts_by_copy=True)
    disk.make_directory("/data")
    file = disk.open("/data/a", create=True)
    file.write([b"0123456789"], 0)
    steps = []
    disk.faults.watch = lambda step: steps.append((step.operation, step.path))
    file.truncate(4)
    assert list(dict.fromkeys(steps)) == [
        (Operation.CREATE, "/data/a.cut"),
        (Operation.WRITE, "/data/a.cut"),
        (Operation.DATASYNC, "/data/a.cut"),
        (Operation.RENAME, "/data/a.cut"),
        (Operation.SYNC_DIRECTORY, "/data"),
    ]
    disk.unlink("/data/a")
    with pytest.raises(StorageFailed, match=r"[Ss]tale"):
        file.truncate(1)


def test_a_fork_has_no_locks(disk):
    disk.lock("/data")
    disk.fork().lock("/data")
    with pytest.raises(DirectoryLocked):
        disk.lock("/data")


def test_a_directory_that_somebody_made_and_died_is_durable_once_it_is_made_again(disk):
    disk.faults.crash_at(disk.faults.operations + 2)
    with pytest.raises(Crashed, match="fsync /data"):
        disk.make_directory("/data/x")
    after = disk.kill()
    assert after.exists("/data/x")
    after.make_directory("/data/x")
    assert all(after.fork().crash(SeededDice(seed)).exists("/data/x") for seed in range(20))
