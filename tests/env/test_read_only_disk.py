"""The disk that only reads: everything can be looked at, nothing can be changed."""

from __future__ import annotations

import pytest

from cordwood.env.disk import LocalDisk
from cordwood.env.read_only_disk import ReadOnlyDisk
from cordwood.model.errors import StorageFailed


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "file").write_bytes(b"0123456789" * 100_000)
    (tmp_path / "file").chmod(0o444)
    return str(tmp_path)


def test_it_reads(directory):
    disk = ReadOnlyDisk()
    assert disk.list(directory) == ["file"]
    assert disk.exists(f"{directory}/file")
    file = disk.open(f"{directory}/file")
    assert file.size() == 1_000_000
    assert file.read(5, 10) == b"01234"
    assert bytes(file.view(3, 5)) == b"34"
    assert bytes(file.view(3, 900_003)) == b"3456789012" * 90_000
    file.close()


def test_it_changes_nothing(directory):
    disk, path = ReadOnlyDisk(), f"{directory}/file"
    file = disk.open(path)
    for change in (
        lambda: file.write([b"x"], 0),
        lambda: file.truncate(5),
        lambda: disk.open(f"{directory}/other", create=True),
        lambda: disk.make_directory(f"{directory}/other"),
        lambda: disk.remove_directory(directory),
        lambda: disk.rename(path, f"{directory}/other"),
        lambda: disk.unlink(path),
        lambda: disk.lock(directory),
    ):
        with pytest.raises(StorageFailed):
            change()
    assert LocalDisk().list(directory) == ["file"]
    assert file.size() == 1_000_000


def test_a_missing_file_is_told(directory):
    with pytest.raises(StorageFailed, match="No such file"):
        ReadOnlyDisk().open(f"{directory}/none")
