"""Names of files, and what they say."""

from __future__ import annotations

import pytest

from cordwood.env.disk import LocalDisk
from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.backend import FileKind
from cordwood.log.tools.files import (
    Content,
    LogFiles,
    content_of,
    find_logs,
    is_data_directory,
    names_in,
    offset_of,
)

ZERO = f"{0:020d}"


def made(*paths):
    disk = MemoryDisk()
    for path in paths:
        disk.make_directory(path.rpartition("/")[0])
        disk.open(path, create=True).close()
    return disk


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (f"/d/{ZERO}.log", Content.STORE),
        (f"{ZERO}.idx", Content.INDEX),
        (f"/d/{ZERO}.timeidx", Content.TIME_INDEX),
        (f"/d/{ZERO}.snapshot", Content.SNAPSHOT),
        ("/d/leader-epochs", Content.EPOCHS),
        ("/d/partition.meta", Content.META),
        ("/d/compaction", Content.COMPACTION),
        (f"/d/{ZERO}-{ZERO}.log.swap", Content.STORE),
        (f"/d/{ZERO}.log.3.deleted", Content.STORE),
        (f"/d/{ZERO}.log.cut", Content.STORE),
        (f"/d/{ZERO}.snapshot.new", Content.SNAPSHOT),
        ("/d/LOCK", None),
        ("/d/partition.meta.bak", None),
        ("/d.log/readme", None),
    ],
)
def test_a_name_says_what_is_in_the_file(path, content):
    assert content_of(path) is content


def test_the_offset_in_a_name():
    assert offset_of(f"/d/{41:020d}.log") == 41
    assert offset_of(f"/d/{41:020d}.log.3.deleted") == 41
    assert offset_of("/d/partition.meta") is None
    assert offset_of("/d/12.log") is None
    assert offset_of("/d/" + "²" * 20 + ".log") is None


def test_the_files_of_a_log():
    names = [f"{41:020d}.log", f"{0:020d}.log", f"{0:020d}.idx", f"{0:020d}.timeidx", f"{41:020d}.snapshot"]
    others = ["partition.meta", "leader-epochs", "LOCK", "sync-failed"]
    leftovers = [f"{9:020d}.log.1.deleted", "partition.meta.new", f"{0:020d}.log.cut"]
    disk = made(*(f"/d/{name}" for name in [*names, *others, *leftovers, "notes.txt", "7.log"]))
    files = LogFiles.look(disk, "/d")
    assert files.stores == (0, 41)
    assert files.has_meta
    assert files.has_epochs
    assert files.leftovers == sorted(leftovers)
    assert files.strangers == ["7.log", "notes.txt"]
    assert files.has(0, FileKind.INDEX)
    assert not files.has(41, FileKind.INDEX)
    assert files.in_order() == [
        "/d/partition.meta",
        "/d/leader-epochs",
        f"/d/{0:020d}.log",
        f"/d/{0:020d}.idx",
        f"/d/{0:020d}.timeidx",
        f"/d/{41:020d}.snapshot",
        f"/d/{41:020d}.log",
    ]


def test_a_compaction_that_was_decided_counts_as_done():
    """The store and one index still wait for their names; the other index has it, and old files are still there."""
    run = f"{10:020d}-{40:020d}"
    old = [f"{base:020d}{suffix}" for base in (0, 10, 20, 30, 40) for suffix in (".log", ".idx", ".timeidx")]
    names = [*old, f"{run}.log.swap", f"{run}.timeidx.swap"]
    files = LogFiles.look(made(*(f"/d/{name}" for name in names)), "/d")
    assert files.stores == (0, 10, 40)
    assert files.path_of(10, FileKind.STORE) == f"/d/{run}.log.swap"
    assert files.path_of(10, FileKind.TIME_INDEX) == f"/d/{run}.timeidx.swap"
    assert files.path_of(10, FileKind.INDEX) == f"/d/{10:020d}.idx"
    assert files.path_of(0, FileKind.STORE) == f"/d/{0:020d}.log"
    assert files.offsets[FileKind.INDEX] == (0, 10, 40)
    assert not files.strangers


def test_a_compaction_that_was_not_decided_is_left_over():
    run = f"{10:020d}-{40:020d}"
    names = [f"{10:020d}.log", f"{20:020d}.log", f"{run}.log.cleaned", f"{run}.idx.swap"]
    files = LogFiles.look(made(*(f"/d/{name}" for name in names)), "/d")
    assert files.stores == (10, 20)
    assert files.leftovers == [f"{run}.idx.swap", f"{run}.log.cleaned"]


def test_logs_are_found_where_they_are():
    disk = made(
        f"/data/a-0/{ZERO}.log", f"/data/b-0/{ZERO}.log", f"/data/.1-delete/{ZERO}.log", "/data/c/x", "/data/LOCK"
    )
    assert find_logs(disk, "/data") == ["/data/a-0", "/data/b-0"]
    assert find_logs(disk, "/data/a-0") == ["/data/a-0"]
    assert find_logs(disk, "/data/c") == []
    assert find_logs(disk, "/none") == []
    assert find_logs(disk, f"/data/a-0/{ZERO}.log") == []


def test_a_data_directory_has_the_lock_of_many_logs():
    assert is_data_directory(["LOCK", "a-0"])
    assert is_data_directory([".cordwood_clean", "a-0"])
    assert not is_data_directory(["LOCK", f"{ZERO}.log"])
    assert not is_data_directory(["a-0"])


def test_a_file_is_no_directory(tmp_path):
    (tmp_path / "file").touch()
    assert names_in(LocalDisk(), str(tmp_path)) == ["file"]
    assert names_in(LocalDisk(), str(tmp_path / "file")) is None
    assert names_in(LocalDisk(), str(tmp_path / "none")) is None
