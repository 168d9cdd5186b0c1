"""What every `Disk` does, on all of them. Faults are in tests/env/test_disk.py and with the disk that makes them."""

from __future__ import annotations

import errno
from dataclasses import dataclass

import pytest

from cordwood.env.disk import VIEW_COPY_LIMIT_BYTES, Disk, File
from cordwood.model.errors import DirectoryLocked, DiskFull, StorageFailed
from tests.conformance.disks import DISKS

LARGE = VIEW_COPY_LIMIT_BYTES * 3 + 5
PATTERN = bytes(range(256)) * (LARGE // 256 + 1)


@dataclass(frozen=True, slots=True)
class Place:
    """A disk and a directory on it."""

    disk: Disk
    root: str

    def path(self, name: str) -> str:
        """The path of a name in the directory."""
        return f"{self.root}/{name}"

    def create(self, name: str, content: bytes = b"") -> File:
        """A new file with content."""
        file = self.disk.open(self.path(name), create=True)
        file.write([content], 0)
        return file

    def content(self, name: str) -> bytes:
        """All bytes of a file."""
        file = self.disk.open(self.path(name))
        try:
            return file.read(file.size(), 0)
        finally:
            file.close()


@pytest.fixture(params=DISKS)
def place(request, tmp_path):
    """Each disk in turn."""
    disk, root = DISKS[request.param](tmp_path)
    return Place(disk, root)


def number_of(error: StorageFailed) -> int | None:
    """The system's number of an error."""
    assert isinstance(error.cause, OSError)
    return error.cause.errno


# Writing and reading.


def test_a_new_file_is_empty(place):
    file = place.create("a")
    assert file.size() == 0
    assert file.read(10, 0) == b""
    assert file.path == place.path("a")


@pytest.mark.parametrize(
    "parts",
    [[b"hello"], [bytearray(b"he"), memoryview(b"llo")], [b"", b"hello", b""], [bytes([c]) for c in b"hello"]],
)
def test_parts_are_written_end_to_end(place, parts):
    file = place.create("a", b"0123456789")
    assert file.write(parts, 2) == 5
    assert file.read(100, 0) == b"01hello789"


@pytest.mark.parametrize("parts", [[], [b""], [b"", b""]])
def test_writing_nothing_changes_nothing(place, parts):
    file = place.create("a", b"x")
    assert file.write(parts, 1) == 0
    assert file.size() == 1


def test_more_parts_than_one_system_call_takes(place):
    parts = [b"%06d" % number for number in range(5000)]
    file = place.create("a")
    assert file.write(parts, 0) == 30_000
    assert file.read(30_000, 0) == b"".join(parts)


def test_a_write_beyond_the_end_leaves_zeros(place):
    file = place.create("a", b"x")
    file.write([b"y"], 4)
    assert file.read(9, 0) == b"x\0\0\0y"


def test_reading_stops_at_the_end(place):
    file = place.create("a", b"0123456789")
    assert file.read(4, 8) == b"89"
    assert file.read(4, 10) == b""
    assert file.read(4, 99) == b""
    assert file.read(0, 3) == b""


# Views.


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 3), (0, 10), (7, 4096), (5, LARGE), (4097, LARGE), (0, LARGE)])
def test_a_view_is_the_bytes(place, start, end):
    file = place.create("a", PATTERN[:LARGE])
    view = file.view(start, end)
    assert len(view) == end - start
    assert view == PATTERN[start:end]


@pytest.mark.parametrize("start", [0, LARGE - 1])
def test_a_view_beyond_the_end_is_refused(place, start):
    file = place.create("a", PATTERN[:LARGE])
    with pytest.raises(StorageFailed) as caught:
        file.view(start, LARGE + 1)
    assert place.path("a") in str(caught.value)
    assert str(LARGE + 1) in str(caught.value)


SIZES = pytest.mark.parametrize("size", [100, LARGE])


@SIZES
@pytest.mark.parametrize("cut", [0, 50])
def test_a_view_outlives_truncation(place, size, cut):
    file = place.create("a", PATTERN[:size])
    view = file.view(0, size)
    file.truncate(cut)
    assert view == PATTERN[:size]
    assert file.size() == cut
    assert file.read(size, 0) == PATTERN[:cut]
    file.write([b"new"], cut)
    file.datasync()
    assert place.content("a") == PATTERN[:cut] + b"new"
    assert view == PATTERN[:size]


@SIZES
def test_a_view_outlives_closing_and_unlinking(place, size):
    file = place.create("a", PATTERN[:size])
    view = file.view(0, size)
    place.disk.unlink(place.path("a"))
    file.close()
    assert view == PATTERN[:size]


@SIZES
def test_a_view_outlives_renaming(place, size):
    file = place.create("a", PATTERN[:size])
    view = file.view(0, size)
    place.disk.rename(place.path("a"), place.path("b"))
    place.create("a", b"other")
    assert view == PATTERN[:size]
    assert place.content("b") == PATTERN[:size]


def test_a_file_that_views_are_gone_from_is_cut_as_any_other(place):
    file = place.create("a", PATTERN[:LARGE])
    view = file.view(0, LARGE)
    view.release()
    del view
    file.truncate(10)
    assert file.size() == 10


@SIZES
def test_a_file_knows_whether_views_have_to_be_minded(place, size):
    """Those that are no copies: after such a view, and only then, a cut of the file opened anew could pull its bytes away."""
    file = place.create("a", PATTERN[:size])
    assert not file.is_viewed()
    view = file.view(0, size)
    if not file.is_viewed():
        place.disk.open(place.path("a")).truncate(0)
        assert view == PATTERN[:size]
    view.release()
    del view
    assert not file.is_viewed()


@SIZES
def test_truncating_can_lengthen(place, size):
    file = place.create("a", PATTERN[:size])
    view = file.view(0, size)
    file.truncate(size + 3)
    assert file.read(9, size - 2) == PATTERN[size - 2 : size] + bytes(3)
    assert view == PATTERN[:size]


def test_what_was_just_written_is_resident(place):
    file = place.create("a", PATTERN[:LARGE])
    assert file.resident(0, LARGE)
    assert file.resident(5, 5)


# Life of a file.


def test_closing_twice_is_harmless_and_using_it_then_fails(place):
    file = place.create("a", PATTERN[:LARGE])
    file.close()
    file.close()
    for use in (
        file.size,
        file.datasync,
        lambda: file.read(1, 0),
        lambda: file.view(0, 1),
        lambda: file.view(0, LARGE),
        lambda: file.resident(0, 1),
        lambda: file.write([b"y"], 0),
        lambda: file.write([b"y", b"z"], 0),
        lambda: file.truncate(0),
    ):
        with pytest.raises(StorageFailed, match="Bad file descriptor"):
            use()
    assert place.content("a") == PATTERN[:LARGE]


def test_content_stays_when_a_file_is_closed(place):
    file = place.create("a", b"kept")
    file.datasync()
    file.close()
    assert place.content("a") == b"kept"


def test_an_open_file_outlives_its_name(place):
    file = place.create("a", b"kept")
    place.disk.unlink(place.path("a"))
    assert file.read(4, 0) == b"kept"
    assert not place.disk.exists(place.path("a"))


def test_a_missing_file_is_not_made_unless_asked(place):
    with pytest.raises(StorageFailed) as caught:
        place.disk.open(place.path("a"))
    assert number_of(caught.value) == errno.ENOENT
    assert not isinstance(caught.value, DiskFull)
    assert caught.value.path == place.path("a")
    assert not place.disk.exists(place.path("a"))


def test_create_opens_what_is_there(place):
    place.create("a", b"kept").close()
    assert place.disk.open(place.path("a"), create=True).read(9, 0) == b"kept"


@pytest.mark.parametrize("path", ["gone/a", ""])
def test_a_file_needs_its_directory(place, path):
    with pytest.raises(StorageFailed):
        place.disk.open(place.path(path), create=True)


# Names.


def test_listing_is_sorted_and_shallow(place):
    place.create("b")
    place.create("a")
    place.disk.make_directory(place.path("c/d"))
    assert place.disk.list(place.root) == ["a", "b", "c"]
    assert place.disk.list(place.path("c")) == ["d"]
    assert place.disk.list(place.path("c/d")) == []


def test_a_missing_directory_cannot_be_listed_synced_locked_or_measured(place):
    disk, path = place.disk, place.path("gone")
    for use in (disk.list, disk.sync_directory, disk.lock, disk.free_bytes):
        with pytest.raises(StorageFailed) as caught:
            use(path)
        assert number_of(caught.value) == errno.ENOENT


def test_a_directory_is_made_with_its_parents_once(place):
    for _ in range(2):
        place.disk.make_directory(place.path("x/y/z"))
    assert place.disk.exists(place.path("x/y/z"))
    assert place.disk.list(place.path("x")) == ["y"]


def test_a_directory_cannot_be_made_over_or_in_a_file(place):
    place.create("a")
    for name in ("a", "a/b"):
        with pytest.raises(StorageFailed):
            place.disk.make_directory(place.path(name))


def test_only_an_empty_directory_is_removed(place):
    place.disk.make_directory(place.path("x"))
    file = place.create("x/a")
    with pytest.raises(StorageFailed) as caught:
        place.disk.remove_directory(place.path("x"))
    assert number_of(caught.value) == errno.ENOTEMPTY
    file.close()
    place.disk.unlink(place.path("x/a"))
    place.disk.remove_directory(place.path("x"))
    assert not place.disk.exists(place.path("x"))


def test_rename_replaces_a_file(place):
    place.create("new", b"new").close()
    old = place.create("old", b"old")
    place.disk.rename(place.path("new"), place.path("old"))
    place.disk.sync_directory(place.root)
    assert place.disk.list(place.root) == ["old"]
    assert place.content("old") == b"new"
    assert old.read(9, 0) == b"old"


def test_rename_takes_a_directory_with_all_that_is_in_it(place):
    place.disk.make_directory(place.path("x/deep"))
    place.create("x/deep/a", b"a").close()
    place.create("xa", b"neighbour").close()
    place.disk.rename(place.path("x"), place.path("y"))
    assert place.disk.list(place.root) == ["xa", "y"]
    assert place.content("y/deep/a") == b"a"


def test_rename_to_the_same_name_changes_nothing(place):
    place.create("a", b"kept").close()
    place.disk.rename(place.path("a"), place.path("a"))
    assert place.content("a") == b"kept"


@pytest.mark.parametrize(
    ("source", "target", "number"),
    [
        ("gone", "a", errno.ENOENT),
        ("a", "gone/a", errno.ENOENT),
        ("a", "empty", errno.EISDIR),
        ("empty", "a", errno.ENOTDIR),
        ("empty", "full", errno.ENOTEMPTY),
    ],
)
def test_a_rename_that_cannot_be(place, source, target, number):
    place.create("a", b"kept").close()
    place.disk.make_directory(place.path("empty"))
    place.disk.make_directory(place.path("full/x"))
    with pytest.raises(StorageFailed) as caught:
        place.disk.rename(place.path(source), place.path(target))
    assert number_of(caught.value) == number
    assert target in str(caught.value)
    assert place.content("a") == b"kept"


def test_what_is_not_a_file_cannot_be_unlinked(place):
    place.disk.make_directory(place.path("x"))
    for name in ("x", "gone"):
        with pytest.raises(StorageFailed):
            place.disk.unlink(place.path(name))


def test_there_is_room(place):
    assert place.disk.free_bytes(place.root) > 0


# Ownership.


def test_a_directory_has_one_owner(place):
    lock = place.disk.lock(place.root)
    with pytest.raises(DirectoryLocked, match=r"owned by process \d+") as caught:
        place.disk.lock(place.root)
    assert caught.value.path == place.root
    assert place.root in str(caught.value)
    lock.release()
    lock.release()
    second = place.disk.lock(place.root)
    lock.release()
    with pytest.raises(DirectoryLocked):
        place.disk.lock(place.root)
    second.release()


def test_directories_are_owned_one_by_one(place):
    place.disk.make_directory(place.path("x"))
    outer, inner = place.disk.lock(place.root), place.disk.lock(place.path("x"))
    outer.release()
    with pytest.raises(DirectoryLocked):
        place.disk.lock(place.path("x"))
    inner.release()
    place.disk.lock(place.path("x")).release()
