"""What is the memory disk's own. What it shares with all disks: tests/conformance."""

from __future__ import annotations

import errno
import os

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.model.errors import DirectoryLocked, StorageFailed


def open_descriptors():
    """How many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))


def test_disks_are_worlds_of_their_own():
    first, second = MemoryDisk(), MemoryDisk()
    first.open("a", create=True).write([b"x"], 0)
    assert not second.exists("a")
    lock = first.lock("/")
    second.lock("/").release()
    with pytest.raises(DirectoryLocked, match=f"process {os.getpid()}"):
        first.lock("/")
    lock.release()


def test_the_roots_exist():
    disk = MemoryDisk()
    disk.open("a", create=True)
    disk.make_directory("b/c")
    disk.make_directory("/d")
    assert disk.list(".") == disk.list("") == ["a", "b"]
    assert disk.list("/") == ["d"]


def test_two_opens_are_two_handles_on_one_file():
    disk = MemoryDisk()
    first = disk.open("a", create=True)
    second = disk.open("a")
    first.write([b"x"], 0)
    first.close()
    assert second.read(1, 0) == b"x"


def test_memory_is_given_back():
    before = open_descriptors()
    disk = MemoryDisk()
    files = [disk.open(str(number), create=True) for number in range(10)]
    views = []
    for file in files:
        file.write([b"x" * 100_000], 0)
        views.append(file.view(0, 100_000))
        file.truncate(10)
    for number in range(10):
        disk.unlink(str(number))
    assert bytes(views[0][:2]) == b"xx"
    del file, files, views
    assert open_descriptors() == before


def test_no_more_descriptors_is_a_typed_error(monkeypatch):
    def fail(*arguments):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    disk = MemoryDisk()
    monkeypatch.setattr(os, "memfd_create", fail)
    with pytest.raises(StorageFailed, match="open of a failed"):
        disk.open("a", create=True)
    assert not disk.exists("a")
