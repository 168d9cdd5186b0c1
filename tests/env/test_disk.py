"""The local disk when the system fails it, and between threads and processes. What all disks do: tests/conformance."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import threading
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.env.disk import VIEW_COPY_LIMIT_BYTES, File, LocalDisk, LocalFile, storage_error
from cordwood.model.errors import DirectoryLocked, DiskFull, StorageFailed

LARGE = VIEW_COPY_LIMIT_BYTES * 2


@pytest.fixture
def file(tmp_path):
    """An open file that holds ten bytes."""
    file = LocalDisk().open(str(tmp_path / "a"), create=True)
    file.write([b"0123456789"], 0)
    return file


def failing(number):
    """A system call that fails."""

    def call(*arguments, **options):
        raise OSError(number, os.strerror(number))

    return call


# Writes that do not go through.


@pytest.mark.parametrize("parts", [[b"abcdefgh"], [b"abc", b"defgh"], [b"abcdefg", b"h"]])
@pytest.mark.parametrize("step", [1, 3, 7])
def test_a_short_write_is_carried_on(file, monkeypatch, parts, step):
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, position: pwrite(fd, data[:step], position))
    monkeypatch.setattr(os, "pwritev", lambda fd, parts, position: pwrite(fd, b"".join(parts)[:step], position))
    assert file.write(parts, 10) == 8
    assert file.read(99, 0) == b"0123456789abcdefgh"


def test_a_write_that_gets_nowhere_fails(file, monkeypatch):
    monkeypatch.setattr(os, "pwrite", lambda fd, data, position: 0)
    with pytest.raises(StorageFailed, match="took none of 3 bytes"):
        file.write([b"abc"], 10)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("parts", [[b"abcdefgh"], [b"abcd", b"efgh"]])
def test_a_full_disk_keeps_nothing_of_a_write(file, monkeypatch, number, parts):
    pwrite, calls = os.pwrite, []

    def fill_up(fd, data, position):
        calls.append(position)
        if len(calls) > 1:
            raise OSError(number, os.strerror(number))
        return pwrite(fd, b"".join(data)[:5] if isinstance(data, list) else data[:5], position)

    monkeypatch.setattr(os, "pwrite", fill_up)
    monkeypatch.setattr(os, "pwritev", fill_up)
    with pytest.raises(DiskFull) as caught:
        file.write(parts, 10)
    assert caught.value.path == file.path
    assert calls == [10, 15]
    assert file.size() == 10
    monkeypatch.undo()
    assert file.write(parts, 10) == 8


def test_a_write_that_fails_and_cannot_be_cut_back_tells_the_first_error(file, monkeypatch):
    file.write([b"garbage"], 10)
    monkeypatch.setattr(os, "pwrite", failing(errno.ENOSPC))
    monkeypatch.setattr(os, "ftruncate", failing(errno.EIO))
    with pytest.raises(DiskFull):
        file.write([b"abc"], 10)
    monkeypatch.undo()
    assert file.write([b"abc"], 10) == 3
    assert file.read(3, 10) == b"abc"


def test_the_limit_of_the_real_system(file):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
    try:
        with pytest.raises(StorageFailed) as caught:
            file.write([b"x" * 6, b"y" * 6], 10)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(caught.value.cause, OSError)
    assert caught.value.cause.errno == errno.EFBIG
    assert file.read(99, 0) == b"0123456789"


# Other failures.


def test_a_failed_sync_is_never_a_full_disk(file, monkeypatch):
    monkeypatch.setattr(os, "fdatasync", failing(errno.ENOSPC))
    with pytest.raises(StorageFailed) as caught:
        file.datasync()
    assert not isinstance(caught.value, DiskFull)
    assert (caught.value.operation, caught.value.path) == ("fdatasync", file.path)


def test_a_failed_directory_sync_is_never_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", failing(errno.ENOSPC))
    with pytest.raises(StorageFailed) as caught:
        LocalDisk().sync_directory(str(tmp_path))
    assert not isinstance(caught.value, DiskFull)


def test_short_reads_are_put_together(file, monkeypatch):
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, position: pread(fd, min(size, 3), position))
    assert file.read(8, 1) == b"12345678"
    assert file.read(99, 0) == b"0123456789"


@pytest.mark.parametrize(("call", "use"), [("pread", "read"), ("fstat", "size"), ("ftruncate", "truncate")])
def test_each_failure_names_file_and_operation(file, monkeypatch, call, use):
    uses = {"read": lambda: file.read(1, 0), "size": file.size, "truncate": lambda: file.truncate(0)}
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing(errno.EIO))
        with pytest.raises(StorageFailed) as caught:
            uses[use]()
    assert file.path in str(caught.value)
    assert caught.value.operation in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)


def test_what_is_not_resident_is_told(file, monkeypatch):
    monkeypatch.setattr(os, "preadv", failing(errno.EAGAIN))
    assert not file.resident(0, 10)


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS])
def test_a_file_system_that_cannot_tell_counts_as_memory(file, monkeypatch, number):
    monkeypatch.setattr(os, "preadv", failing(number))
    assert file.resident(0, 10)


def test_a_probe_that_fails_is_an_error(file, monkeypatch):
    monkeypatch.setattr(os, "preadv", failing(errno.EIO))
    with pytest.raises(StorageFailed):
        file.resident(0, 10)


def test_every_part_of_a_range_is_probed(file, monkeypatch):
    probed = []

    def probe(fd, buffers, position, flags):
        probed.append(position)
        return 1

    monkeypatch.setattr(os, "preadv", probe)
    assert file.resident(5, 5 + 300 * 1024)
    assert probed == [5, 5 + 128 * 1024, 5 + 256 * 1024, 5 + 300 * 1024 - 1]


# Truncation while views are out.


def test_a_cut_beside_views_is_synced_with_its_name(tmp_path, monkeypatch):
    file = LocalDisk().open(str(tmp_path / "a"), create=True)
    file.write([b"x" * LARGE], 0)
    view = file.view(0, LARGE)
    done = []

    def recording(name, call):
        def recorded(*arguments):
            done.append(name)
            return call(*arguments)

        return recorded

    for name in ("fdatasync", "rename", "fsync"):
        monkeypatch.setattr(os, name, recording(name, getattr(os, name)))
    file.truncate(5)
    assert done == ["fdatasync", "rename", "fsync"]
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"xxxxx"
    assert len(view) == LARGE


def test_a_cut_beside_views_that_fails_leaves_the_file(tmp_path, monkeypatch):
    file = LocalDisk().open(str(tmp_path / "a"), create=True)
    file.write([b"x" * LARGE], 0)
    view = file.view(0, LARGE)
    monkeypatch.setattr(os, "rename", failing(errno.EIO))
    with pytest.raises(StorageFailed, match="truncate"):
        file.truncate(5)
    assert os.listdir(tmp_path) == ["a"]
    assert file.size() == LARGE
    assert view == b"x" * LARGE


@pytest.mark.parametrize("act", ["rename", "unlink"])
def test_a_cut_beside_views_does_not_bring_a_name_back(tmp_path, act):
    disk, path = LocalDisk(), str(tmp_path / "a")
    file = disk.open(path, create=True)
    file.write([b"x" * LARGE], 0)
    view = file.view(0, LARGE)
    if act == "rename":
        disk.rename(path, str(tmp_path / "b"))
    else:
        disk.unlink(path)
    with pytest.raises(StorageFailed, match="truncate"):
        file.truncate(5)
    assert not disk.exists(path)
    assert view == b"x" * LARGE


# Between threads and processes.


def local_file(path):
    """A new file with its descriptor's number."""
    number = os.open(path, os.O_RDWR | os.O_CREAT)
    return LocalFile(str(path), number), number


def test_a_closed_file_keeps_its_number_from_other_files(tmp_path):
    file, number = local_file(tmp_path / "a")
    file.close()
    others = [local_file(tmp_path / name) for name in "bcd"]
    assert number not in {other for _, other in others}
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.pread(number, 1, 0)


def test_a_dropped_file_gives_its_number_back(tmp_path):
    file, number = local_file(tmp_path / "a")
    del file
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)


def test_reading_beside_truncation_never_kills_the_process(tmp_path):
    """Touching a mapped page beyond the end of its file is SIGBUS, so this would end the whole test run."""
    file = LocalDisk().open(str(tmp_path / "a"), create=True)
    data = b"x" * LARGE
    stop = threading.Event()
    failures = []

    def read():
        while not stop.is_set():
            try:
                view = file.view(0, LARGE)
            except StorageFailed:
                continue  # The file is short at this moment.
            if bytes(view).strip(b"x\0"):
                failures.append(bytes(view))

    reader = threading.Thread(target=read)
    file.write([data], 0)
    reader.start()
    for _ in range(100):
        file.truncate(0)
        file.write([data], 0)
    stop.set()
    reader.join()
    assert not failures


def test_many_threads_may_make_the_same_directory(tmp_path):
    disk, barrier, errors = LocalDisk(), threading.Barrier(4), []

    def make():
        barrier.wait()
        try:
            for number in range(20):
                disk.make_directory(str(tmp_path / f"{number}/x"))
        except StorageFailed as error:
            errors.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


@pytest.mark.parametrize("name", ["x", "x/y"])
def test_a_directory_that_is_there_is_made_durable(tmp_path, monkeypatch, name):
    """Whoever made it may have died before its name was on the device."""
    synced: list[str] = []
    monkeypatch.setattr("cordwood.env.disk.sync_directory", synced.append)
    (tmp_path / "x").mkdir()
    LocalDisk().make_directory(str(tmp_path / name))
    assert synced == [str(tmp_path), str(tmp_path / "x")][: 1 + name.count("/")]


@pytest.mark.parametrize(("number", "is_told"), [(errno.EACCES, False), (errno.EIO, True)])
def test_a_parent_that_cannot_be_looked_into_is_not_ours(tmp_path, monkeypatch, number, is_told):
    def fail(path: str) -> None:
        raise OSError(number, "no", path)

    monkeypatch.setattr("cordwood.env.disk.sync_directory", fail)
    with pytest.raises(StorageFailed) if is_told else nullcontext():
        LocalDisk().make_directory(str(tmp_path))


HOLD_LOCK = """
import sys
from cordwood.env.disk import LocalDisk
lock = LocalDisk().lock(sys.argv[1])
print("locked", flush=True)
sys.stdin.read()
"""


def test_another_process_is_named_and_its_death_frees_the_directory(tmp_path):
    source = str(Path(__file__).resolve().parents[2] / "src")
    owner = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": source},
    )
    with owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"locked\n"
        with pytest.raises(DirectoryLocked, match=f"process {owner.pid}") as caught:
            LocalDisk().lock(str(tmp_path))
        assert caught.value.owner == f"process {owner.pid}"
        owner.kill()
    LocalDisk().lock(str(tmp_path)).release()


def test_an_owner_that_left_no_name_is_unknown(tmp_path):
    lock = LocalDisk().lock(str(tmp_path))
    (tmp_path / "LOCK").write_bytes(b"")
    with pytest.raises(DirectoryLocked, match="unknown process"):
        LocalDisk().lock(str(tmp_path))
    lock.release()


def test_a_lock_that_cannot_be_signed_is_given_back(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "pwrite", failing(errno.ENOSPC))
    with pytest.raises(DiskFull):
        LocalDisk().lock(str(tmp_path))
    monkeypatch.undo()
    LocalDisk().lock(str(tmp_path)).release()


def test_a_file_system_without_locks_is_not_an_owner(tmp_path, monkeypatch):
    monkeypatch.setattr("fcntl.flock", failing(errno.ENOLCK))
    with pytest.raises(StorageFailed, match="lock"):
        LocalDisk().lock(str(tmp_path))


def test_relative_paths_work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    disk = LocalDisk()
    disk.make_directory("x")
    file: File = disk.open("x/a", create=True)
    file.write([b"y" * LARGE], 0)
    view = file.view(0, LARGE)
    file.truncate(1)
    assert disk.list("x") == ["a"]
    assert len(view) == LARGE


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, None])
def test_an_error_keeps_its_cause(number):
    cause = OSError(number, "cause")
    error = storage_error("/p", "read", cause)
    assert type(error) is StorageFailed
    assert (error.path, error.operation, error.cause) == ("/p", "read", cause)


EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 80_000), st.integers(0, 70_000)),
        st.tuples(st.just("truncate"), st.integers(0, 100_000), st.just(0)),
        st.tuples(st.just("view"), st.integers(0, 80_000), st.integers(0, 70_000)),
    ),
    max_size=12,
)


@given(EDITS)
def test_any_edits_leave_what_a_bytearray_would_hold(tmp_path_factory, edits):
    file = LocalDisk().open(str(tmp_path_factory.mktemp("edits") / "a"), create=True)
    model, views = bytearray(), []
    for number, (edit, position, size) in enumerate(edits, 1):
        if edit == "write":
            data = bytes([number]) * size
            file.write([data], position)
            if data:
                model[len(model) :] = bytes(max(0, position - len(model)))
                model[position : position + size] = data
        elif edit == "truncate":
            file.truncate(position)
            model[:] = model[:position] + bytes(max(0, position - len(model)))
        elif position + size <= len(model):
            views.append((file.view(position, position + size), size))
    assert file.read(len(model) + 1, 0) == model
    assert all(len(bytes(view)) == size for view, size in views)
