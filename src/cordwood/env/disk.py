"""The disk: the complete list of what Cordwood does to files.

Lives here: the `Disk` and `File` Protocols, and the local disk side by side with them, as Linux has it. No other module
calls os.* on files. Must not live here: what the bytes mean. Paths are plain strings with "/".

Every OSError becomes `StorageFailed`, `DiskFull` or `OutOfFiles` here and nowhere else. Rules that the callers rely on:

1. `write` is all or nothing as far as the caller sees: after a failure the file is cut back to `position`, and where
   even that fails the bytes beyond `position` are garbage that the next write at `position` overwrites.
2. `datasync` is never retried here; a caller must not retry it on the same file either (the kernel may have dropped
   the pages that it could not write).
3. A view stays valid after the file is truncated, renamed or unlinked.
4. A file that is closed while another thread reads it fails that read; it never reads from another file instead.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import stat
import threading
import weakref
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, Protocol, TypeAlias

from cordwood.model.errors import DirectoryLocked, DiskFull, OutOfFiles, StorageFailed

Buffer: TypeAlias = "bytes | bytearray | memoryview | mmap.mmap"
"""Bytes to write; a memoryview has one byte to an item."""

VIEW_COPY_LIMIT_BYTES: Final = 256 * 1024
"""A view up to this size is read, a larger one is mapped: see bench/views.py for where the two cross."""

RESIDENT_PROBE_BYTES: Final = 128 * 1024
"""Distance between probes of the page cache: the kernel's default read-ahead window."""

_PARTS_LIMIT: Final = 1024  # IOV_MAX on Linux and macOS.
_KINDS: Final[Mapping[int, type[StorageFailed]]] = {
    errno.ENOSPC: DiskFull,
    errno.EDQUOT: DiskFull,
    errno.EMFILE: OutOfFiles,
    errno.ENFILE: OutOfFiles,
}
_CANNOT_TELL: Final = frozenset({errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS})


class File(Protocol):
    """An open file. One owner writes; any thread may read."""

    @property
    def path(self) -> str:
        """The name that the file was opened by."""
        ...

    def size(self) -> int:
        """Bytes in the file."""
        ...

    def write(self, parts: Sequence[Buffer], position: int) -> int:
        """Writes the parts end to end at `position`; returns the number of bytes written, which is all of them."""
        ...

    def read(self, size: int, position: int) -> bytes:
        """Reads up to `size` bytes from `position`; fewer only at the end of the file."""
        ...

    def view(self, start: int, end: int) -> memoryview:
        """The bytes [start, end), without a copy where that is cheaper. Raises StorageFailed when the file is shorter."""
        ...

    def resident(self, start: int, end: int) -> bool:
        """Whether [start, end) can be read without waiting for the device, as far as the system tells."""
        ...

    def is_viewed(self) -> bool:
        """Whether views are out that a cut by this file has to mind: opened anew, it would not know of them."""
        ...

    def truncate(self, size: int) -> None:
        """Cuts the file to `size` bytes; views handed out before by this open file stay valid.

        While views are out, a copy takes the file's place under its name, so the file must still be where it was
        opened; a copy that a crash interrupted is left beside it as `<path>.cut`.
        """
        ...

    def datasync(self) -> None:
        """Returns when the bytes written so far, and the size, are on the device (fdatasync)."""
        ...

    def close(self) -> None:
        """Closes the file; views stay valid. Closing twice is harmless."""
        ...


class Lock(Protocol):
    """The ownership of a directory, until released."""

    def release(self) -> None:
        """Gives the directory up. Releasing twice is harmless."""
        ...


class Disk(Protocol):
    """A file system, as far as Cordwood needs one."""

    def open(self, path: str, *, create: bool = False) -> File:
        """Opens for reading and writing. With `create` a missing file is made (the caller syncs the directory)."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is a file or directory of this name."""
        ...

    def list(self, directory: str) -> list[str]:
        """The names in a directory, sorted."""
        ...

    def make_directory(self, path: str) -> None:
        """Makes the directory and its parents, durably; an existing one is left as it is.

        An existing one is durable, too, when this returns: whoever made it may have died before.
        """
        ...

    def remove_directory(self, path: str) -> None:
        """Removes an empty directory."""
        ...

    def rename(self, source: str, target: str) -> None:
        """Atomically gives a file or directory another name, replacing a file there."""
        ...

    def unlink(self, path: str) -> None:
        """Removes a file's name; whoever has it open can go on reading it."""
        ...

    def sync_directory(self, path: str) -> None:
        """Returns when the creations, renames and removals in a directory are on the device."""
        ...

    def lock(self, directory: str) -> Lock:
        """Takes the ownership of a directory, which must exist. Raises DirectoryLocked with the owner's name."""
        ...

    def free_bytes(self, path: str) -> int:
        """Room left on the file system that holds `path`."""
        ...

    def total_bytes(self, path: str) -> int:
        """Size of the file system that holds `path`."""
        ...


def storage_error(path: str, operation: str, error: OSError) -> StorageFailed:
    """Our error for an OSError."""
    return _KINDS.get(error.errno or 0, StorageFailed)(path, operation, error)


class LocalFile:
    """A file of the operating system."""

    __slots__ = ("__weakref__", "_fd", "_mapping", "_path", "_windows")

    def __init__(self, path: str, fd: int) -> None:
        self._path = path
        self._fd = fd
        self._windows: weakref.WeakSet[mmap.mmap] | None = None
        self._mapping = threading.Lock()  # No window is made between a truncation's look at them and its cut.

    @property
    def path(self) -> str:
        return self._path

    def size(self) -> int:
        try:
            status = os.fstat(self._fd)
        except OSError as error:
            raise storage_error(self._path, "stat", error) from error
        if not stat.S_ISREG(status.st_mode):
            raise storage_error(self._path, "stat", OSError(errno.EBADF, os.strerror(errno.EBADF)))
        return status.st_size

    def write(self, parts: Sequence[Buffer], position: int) -> int:
        try:
            if len(parts) == 1:
                wanted = len(parts[0])
                written = os.pwrite(self._fd, parts[0], position)
            else:
                wanted = sum(map(len, parts))
                written = os.pwritev(self._fd, parts[:_PARTS_LIMIT], position)
            if written != wanted:
                self._write_rest(b"".join(parts), written, position)
        except OSError as error:
            self._cut_back(position)
            raise storage_error(self._path, "write", error) from error
        return wanted

    def _write_rest(self, data: bytes, written: int, position: int) -> None:
        rest = memoryview(data)
        while written < len(rest):
            count = os.pwrite(self._fd, rest[written:], position + written)
            if not count:
                raise OSError(errno.EIO, f"the system took none of {len(rest) - written} bytes")
            written += count

    def _cut_back(self, position: int) -> None:
        try:
            if os.fstat(self._fd).st_size > position:
                os.ftruncate(self._fd, position)
        except OSError:
            return  # Rule 1: the write's own error is the one to tell; what lies beyond is overwritten or cut later.

    def read(self, size: int, position: int) -> bytes:
        try:
            data = os.pread(self._fd, size, position)
            while len(data) < size:
                more = os.pread(self._fd, size - len(data), position + len(data))
                if not more:
                    break
                data += more
        except OSError as error:
            raise storage_error(self._path, "read", error) from error
        return data

    def view(self, start: int, end: int) -> memoryview:
        size = end - start
        if size > VIEW_COPY_LIMIT_BYTES:
            return self._map(start, end)
        data = self.read(size, start)
        if len(data) != size:
            raise storage_error(self._path, "read", _too_short(end))
        return memoryview(data)

    def _map(self, start: int, end: int) -> memoryview:
        aligned = start - start % mmap.ALLOCATIONGRANULARITY
        try:
            with self._mapping:
                window = mmap.mmap(self._fd, end - aligned, prot=mmap.PROT_READ, offset=aligned)
                if self._windows is None:
                    self._windows = weakref.WeakSet()
                self._windows.add(window)
        except ValueError as error:  # Python compares with the size of the file before it maps.
            raise storage_error(self._path, "mmap", _too_short(end)) from error
        except OSError as error:
            raise storage_error(self._path, "mmap", error) from error
        return memoryview(window)[start - aligned :]

    def resident(self, start: int, end: int) -> bool:
        probe = bytearray(1)
        position = start
        while position < end:
            if not self._resident_at(probe, position):
                return False
            position += RESIDENT_PROBE_BYTES
        return end == start or self._resident_at(probe, end - 1)

    def _resident_at(self, probe: bytearray, position: int) -> bool:
        try:
            os.preadv(self._fd, [probe], position, os.RWF_NOWAIT)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno in _CANNOT_TELL:
                return True  # The file system (tmpfs, overlay) or the kernel cannot tell: it is treated as memory.
            raise storage_error(self._path, "read", error) from error
        return True

    def is_viewed(self) -> bool:
        return self._windows is not None and any(True for _ in self._windows)

    def truncate(self, size: int) -> None:
        try:
            with self._mapping:
                if self.is_viewed():
                    self._truncate_beside_windows(size)
                else:
                    os.ftruncate(self._fd, size)
        except OSError as error:
            raise storage_error(self._path, "truncate", error) from error

    def _truncate_beside_windows(self, size: int) -> None:
        """Puts a cut copy in the file's place, since touching a mapped page past the end of its file kills us."""
        if not os.path.samestat(os.stat(self._path), os.fstat(self._fd)):
            raise OSError(errno.ESTALE, "it was renamed or replaced while views of it are in use")
        temporary = f"{self._path}.cut"
        fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            copy_beginning(self._fd, fd, size)
            os.fdatasync(fd)
            os.rename(temporary, self._path)
        except OSError:
            os.close(fd)
            os.unlink(temporary)
            raise
        os.dup2(fd, self._fd, inheritable=False)
        os.close(fd)
        # What is written and synced from here on goes to the copy: its name must outlive a power failure, too.
        sync_directory(os.path.dirname(self._path) or ".")

    def datasync(self) -> None:
        try:
            os.fdatasync(self._fd)
        except OSError as error:  # Never DiskFull, whatever the number: this write is lost and cannot be tried again.
            raise StorageFailed(self._path, "fdatasync", error) from error

    def close(self) -> None:
        os.dup2(
            _dead(), self._fd, inheritable=False
        )  # Rule 4: no other file gets the number while a thread may use it.

    def __del__(self) -> None:
        os.close(self._fd)


@cache
def _dead() -> int:
    """A descriptor that fails every read, write, map, cut and sync with EBADF: what a closed file's becomes."""
    return os.open("/", os.O_PATH | os.O_CLOEXEC)


def _too_short(end: int) -> OSError:
    return OSError(errno.EINVAL, f"the file ends before byte {end}")


def copy_beginning(source: int, target: int, size: int) -> None:
    """Copies the first `size` bytes between two descriptors, in the kernel; what the source lacks is zeros."""
    position = 0
    while position < size and (count := os.sendfile(target, source, position, size - position)):
        position += count
    os.ftruncate(target, size)


class LocalLock:
    """An exclusive flock on the file LOCK of a directory, which holds the owner's name."""

    def __init__(self, directory: str) -> None:
        path = f"{directory}/LOCK"
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise storage_error(path, "open", error) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"process {os.getpid()}\n".encode("ascii"), 0)
        except BlockingIOError as error:
            owner = os.pread(self._fd, 64, 0).decode("ascii", "replace").strip() or "an unknown process"
            self.release()
            raise DirectoryLocked(directory, owner) from error
        except OSError as error:
            self.release()
            raise storage_error(path, "lock", error) from error

    def release(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


class LocalDisk:
    """The disk of the operating system."""

    def open(self, path: str, *, create: bool = False) -> File:
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        try:
            return LocalFile(path, os.open(path, flags, 0o644))
        except OSError as error:
            raise storage_error(path, "open", error) from error

    def exists(self, path: str) -> bool:
        return os.path.exists(path)

    def list(self, directory: str) -> list[str]:
        try:
            return sorted(os.listdir(directory))
        except OSError as error:
            raise storage_error(directory, "list", error) from error

    def make_directory(self, path: str) -> None:
        parent = os.path.dirname(path) or "."
        if os.path.isdir(path):
            self._sync_parent(parent)
            return
        self.make_directory(parent)
        try:
            os.mkdir(path, 0o755)
        except OSError as error:
            if not os.path.isdir(path):  # Else another thread or process made it in the meantime.
                raise storage_error(path, "mkdir", error) from error
        self.sync_directory(parent)

    @staticmethod
    def _sync_parent(parent: str) -> None:
        try:
            sync_directory(parent)
        except PermissionError:
            return  # It was made for us by somebody who may look into its parent; we never did.
        except OSError as error:
            raise StorageFailed(parent, "fsync", error) from error

    def remove_directory(self, path: str) -> None:
        try:
            os.rmdir(path)
        except OSError as error:
            raise storage_error(path, "rmdir", error) from error

    def rename(self, source: str, target: str) -> None:
        try:
            os.rename(source, target)
        except OSError as error:
            raise storage_error(source, f"rename to {target}", error) from error

    def unlink(self, path: str) -> None:
        try:
            os.unlink(path)
        except OSError as error:
            raise storage_error(path, "unlink", error) from error

    def sync_directory(self, path: str) -> None:
        try:
            sync_directory(path)
        except OSError as error:
            raise StorageFailed(path, "fsync", error) from error

    def lock(self, directory: str) -> Lock:
        return LocalLock(directory)

    def free_bytes(self, path: str) -> int:
        status = self._status(path)
        return status.f_bavail * status.f_frsize

    def total_bytes(self, path: str) -> int:
        status = self._status(path)
        return status.f_blocks * status.f_frsize

    def _status(self, path: str) -> os.statvfs_result:
        try:
            return os.statvfs(path)
        except OSError as error:
            raise storage_error(path, "statvfs", error) from error


def sync_directory(path: str) -> None:
    """Returns when the names in a directory are on the device."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
