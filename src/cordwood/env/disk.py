"""The disk: the complete list of what Cordwood does to files.

Lives here: the `Disk` and `File` Protocols, and the local disk side by side with them. No other module calls os.* on
files. Must not live here: what the bytes mean. Paths are plain strings with "/".

Every OSError becomes `StorageFailed` or `DiskFull` here and nowhere else. Rules that the callers rely on:

1. `write` is all or nothing as far as the caller sees: after a failure the file is cut back to `position`, and where
   even that fails the bytes beyond `position` are garbage that the next write at `position` overwrites.
2. `datasync` is never retried here; a caller must not retry it on the same file either (the kernel may have dropped
   the pages that it could not write).
3. A view stays valid after the file is truncated, renamed or unlinked.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import weakref
from collections.abc import Sequence
from typing import Final, Protocol, TypeAlias

from cordwood.model.errors import DirectoryLocked, DiskFull, StorageFailed

Buffer: TypeAlias = "bytes | bytearray | memoryview | mmap.mmap"

VIEW_COPY_LIMIT_BYTES: Final = 32 * 1024
"""A view up to this size is read, a larger one is mapped: see bench/views.py for where the two cross."""

RESIDENT_PROBE_BYTES: Final = 128 * 1024
"""Distance between probes of the page cache: the kernel's default read-ahead window."""

_PARTS_LIMIT: Final = 1024  # IOV_MAX on Linux and macOS.
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class File(Protocol):
    """An open file. One owner writes; any thread may read."""

    @property
    def path(self) -> str: ...

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
        """The bytes [start, end), which must exist, without a copy where that is cheaper."""
        ...

    def resident(self, start: int, end: int) -> bool:
        """Whether [start, end) can be read without waiting for the device, as far as the system tells."""
        ...

    def truncate(self, size: int) -> None:
        """Cuts the file to `size` bytes; views handed out before stay valid."""
        ...

    def datasync(self) -> None:
        """Returns when the bytes written so far, and the size, are on the device (fdatasync)."""
        ...

    def close(self) -> None:
        """Closes the file; views stay valid. Closing twice is harmless."""
        ...


class Lock(Protocol):
    """The ownership of a directory, until released."""

    def release(self) -> None: ...


class Disk(Protocol):
    """A file system, as far as Cordwood needs one."""

    def open(self, path: str, *, create: bool = False) -> File:
        """Opens for reading and writing. With `create` a missing file is made (the caller syncs the directory)."""
        ...

    def exists(self, path: str) -> bool: ...

    def list(self, directory: str) -> list[str]:
        """The names in a directory, sorted."""
        ...

    def make_directory(self, path: str) -> None:
        """Makes the directory and its parents, durably; an existing one is left as it is."""
        ...

    def remove_directory(self, path: str) -> None:
        """Removes an empty directory."""
        ...

    def rename(self, source: str, target: str) -> None:
        """Atomically gives a file or directory another name, replacing a file there."""
        ...

    def unlink(self, path: str) -> None: ...

    def sync_directory(self, path: str) -> None:
        """Returns when the creations, renames and removals in a directory are on the device."""
        ...

    def lock(self, directory: str) -> Lock:
        """Takes the ownership of a directory. Raises DirectoryLocked with the owner's name."""
        ...

    def free_bytes(self, path: str) -> int:
        """Room left on the file system that holds `path`."""
        ...


def storage_error(path: str, operation: str, error: OSError) -> StorageFailed:
    """Our error for an OSError."""
    kind = DiskFull if error.errno in _FULL else StorageFailed
    return kind(path, operation, error)


class LocalFile:
    """A file of the operating system."""

    __slots__ = ("__weakref__", "_fd", "_path", "_windows")

    def __init__(self, path: str, fd: int) -> None:
        self._path = path
        self._fd = fd
        self._windows: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()

    @property
    def path(self) -> str:
        return self._path

    def size(self) -> int:
        try:
            return os.fstat(self._fd).st_size
        except OSError as error:
            raise storage_error(self._path, "stat", error) from error

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
            written += os.pwrite(self._fd, rest[written:], position + written)

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
        if end - start <= VIEW_COPY_LIMIT_BYTES:
            return memoryview(self.read(end - start, start))
        aligned = start - start % mmap.ALLOCATIONGRANULARITY
        try:
            window = mmap.mmap(self._fd, end - aligned, prot=mmap.PROT_READ, offset=aligned)
        except (OSError, ValueError) as error:  # ValueError: the file is shorter than `end`.
            cause = error if isinstance(error, OSError) else OSError(errno.EINVAL, str(error))
            raise storage_error(self._path, "mmap", cause) from error
        self._windows.add(window)
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
            if error.errno == errno.EOPNOTSUPP:
                return True  # The file system (tmpfs, overlay) cannot tell: it is treated as memory.
            raise storage_error(self._path, "read", error) from error
        return True

    def truncate(self, size: int) -> None:
        try:
            if any(True for _ in self._windows):
                self._truncate_beside_windows(size)
            else:
                os.ftruncate(self._fd, size)
        except OSError as error:
            raise storage_error(self._path, "truncate", error) from error

    def _truncate_beside_windows(self, size: int) -> None:
        """Puts a cut copy in the file's place, since touching a mapped page past the end of its file kills us."""
        temporary = f"{self._path}.cut"
        fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            position = 0
            while position < size:
                position += os.sendfile(fd, self._fd, position, size - position)
            os.fdatasync(fd)
            os.rename(temporary, self._path)
            os.dup2(fd, self._fd, inheritable=False)
        finally:
            os.close(fd)

    def datasync(self) -> None:
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            raise storage_error(self._path, "fdatasync", error) from error

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


class LocalLock:
    """An exclusive flock on the file LOCK of a directory."""

    def __init__(self, directory: str) -> None:
        path = f"{directory}/LOCK"
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise storage_error(path, "open", error) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(self._fd, 64, 0).decode("ascii", "replace").strip() or "an unknown process"
            os.close(self._fd)
            raise DirectoryLocked(directory, owner) from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"process {os.getpid()}\n".encode("ascii"), 0)

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
        if os.path.isdir(path):
            return
        parent = os.path.dirname(path) or "."
        try:
            self.make_directory(parent)
            os.mkdir(path, 0o755)
        except OSError as error:
            raise storage_error(path, "mkdir", error) from error
        self.sync_directory(parent)

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
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
        except OSError as error:
            raise storage_error(path, "fsync", error) from error

    def lock(self, directory: str) -> Lock:
        return LocalLock(directory)

    def free_bytes(self, path: str) -> int:
        try:
            status = os.statvfs(path)
        except OSError as error:
            raise storage_error(path, "statvfs", error) from error
        return status.f_bavail * status.f_frsize
