"""The simulated disk: it forgets what was not synced, tears what was being written, and fails on purpose.

    disk = SimDisk(SeededDice(seed))
    ... work on it, until it raises Crashed or the test has seen enough ...
    disk = disk.crash(dice)      # the power failed: the disk as it may be found, other dice find it otherwise
    disk = disk.kill()           # the process died: everything that was written is there, synced or not

What it assumes of file systems (ext4 ordered, XFS and those that promise as much), in favour of the worst:

1. A program sees its own writes at once, and so does the next program after the death of a process. A write that the
   process's death interrupts may be there in part.
2. `datasync` makes the bytes and the size of one file durable, of that file only, and not its name.
3. Bytes that were not synced are found or lost page by page (4 KiB), in any order and in any state that the page had
   since the last sync. One page may be torn between two sectors (512 bytes), which are written whole; or else all is
   found in order, and the file ends at any byte of the last write.
4. The size may run ahead of the bytes: what was never written reads as zeros, never as somebody else's old data.
5. Cuts are found in the order in which they were made; bytes beyond a cut do not come back once the cut is found, and
   what was written to pages that a cut took away is not found without the cut.
6. After a failed `datasync` any part of the bytes is durable; programs go on seeing the rest, but only pages that are
   written once more go to the device, and the next `datasync` succeeds all the same (what Linux does).
7. Creations, renames and removals in one directory are found in the order in which they were made, up to any of them
   (a journal); between directories there is no order. `sync_directory` makes those in one directory durable.
8. A rename is found done or not done, never half. A file whose name was durable before its bytes is found with fewer.
9. What was durable stays as it is: bits do not rot here.

Lives here: paths, open files, locks, and the rules of `env.disk`. Must not live here: what a power failure leaves
(`sim.content`, `sim.names`), which calls fail (`sim.faults`). One thread uses a disk. "/" and "." are the same place,
and files are not renamed from one directory to another (EXDEV).
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final, TypeVar

from cordwood.env.dice import SeededDice
from cordwood.env.disk import storage_error
from cordwood.model.errors import DirectoryLocked, StorageFailed
from cordwood.sim.content import Content
from cordwood.sim.faults import Faults, Operation
from cordwood.sim.names import Directory, Link, Node, Rename, Unlink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.env.dice import Dice
    from cordwood.env.disk import Buffer, File, Lock

T = TypeVar("T", Directory, Content)

_TOTAL_BYTES: Final = 1 << 40
_OWNER: Final = "process 1"


class SimFile:
    """An open file of a simulated disk."""

    __slots__ = ("_content", "_disk", "_path")

    def __init__(self, disk: SimDisk, path: str, content: Content) -> None:
        self._disk = disk
        self._path = path
        self._content: Content | None = content

    @property
    def path(self) -> str:
        return self._path

    def size(self) -> int:
        self._disk.faults.check()
        return len(self._opened("stat").bytes)

    def write(self, parts: Sequence[Buffer], position: int) -> int:
        content = self._opened("write")
        data = b"".join(parts)
        error = self._disk.faults.begin(Operation.WRITE, self._path)
        half = self._disk.dice.below(len(data) + 1)
        if error is not None:
            content.write(data[:half], position)
            self._cut_back(content, position)
            raise storage_error(self._path, "write", error) from error
        is_halved = 0 < half < len(data)
        if is_halved:
            content.write(data[:half], position)
            self._disk.faults.halfway(self._path)
        # The system does not let a page go to the device while a write fills it: half a write is seen by no sync.
        content.write(data, position, completes=is_halved)
        return len(data)

    def _cut_back(self, content: Content, position: int) -> None:
        if len(content.bytes) > position and self._disk.faults.begin(Operation.CUT_BACK, self._path) is None:
            content.cut(position)

    def read(self, size: int, position: int) -> bytes:
        content = self._opened("read")
        self._begin(Operation.READ)
        return bytes(content.bytes[position : position + size])

    def view(self, start: int, end: int) -> memoryview:
        data = self.read(end - start, start)
        if len(data) != end - start:
            raise _failure(self._path, "read", errno.EINVAL, f"the file ends before byte {end}")
        return memoryview(data)

    def resident(self, start: int, end: int) -> bool:
        self._disk.faults.check()
        self._opened("read")
        return True

    def is_viewed(self) -> bool:
        return False  # Its views are copies.

    def truncate(self, size: int) -> None:
        content = self._opened("truncate")
        if self._disk.cuts_by_copy and size < len(content.bytes):
            self._content = self._disk.replace_by_copy(self._path, content, size)
            return
        self._begin(Operation.TRUNCATE)
        content.cut(size)

    def datasync(self) -> None:
        content = self._opened("fdatasync")
        try:
            self._begin(Operation.DATASYNC)
        except StorageFailed as error:
            content.fail_to_sync(self._disk.dice)
            raise StorageFailed(self._path, "fdatasync", error.cause) from error  # Never DiskFull.
        content.sync()

    def close(self) -> None:
        self._content = None

    def _opened(self, operation: str) -> Content:
        if self._content is None:
            self._disk.faults.check()
            raise _failure(self._path, operation, errno.EBADF)
        return self._content

    def _begin(self, operation: Operation) -> None:
        self._disk.begin(operation, self._path)


class SimLock:
    """The ownership of a directory of a simulated disk, until it is released or the machine stops."""

    def __init__(self, owned: set[Directory], directory: Directory) -> None:
        self._owned = owned
        self._directory = directory
        owned.add(directory)

    def release(self) -> None:
        self._owned.discard(self._directory)
        self._owned = set()


class SimDisk:
    """A file system in memory that knows what of it is durable."""

    def __init__(self, dice: Dice | None = None, *, cuts_by_copy: bool = False) -> None:
        self.dice = dice or SeededDice(0)
        self.faults = Faults()
        self.cuts_by_copy = cuts_by_copy
        """Whether `truncate` does what the local disk does while views are out: a copy takes the file's place."""
        self._root = Directory()
        self._owned: set[Directory] = set()

    # The world.

    def crash(self, dice: Dice | None = None) -> SimDisk:
        """The power fails. Returns a disk as it may be found; this one takes no more calls."""
        self.faults.has_crashed = True
        return self._with(self._root.after_power_failure(dice or self.dice))

    def kill(self) -> SimDisk:
        """The process dies. Returns the disk, on which nothing was lost; this one takes no more calls."""
        self.faults.has_crashed = True
        return self._with(self._root)

    def fork(self) -> SimDisk:
        """A second disk that holds the same and goes its own way from here; it has no locks, faults or open files."""
        return self._with(self._root.fork())

    def _with(self, root: Directory) -> SimDisk:
        disk = SimDisk(self.dice, cuts_by_copy=self.cuts_by_copy)
        disk._root = root
        return disk

    def begin(self, operation: Operation, path: str) -> None:
        """An operation begins. Raises Crashed, or StorageFailed as planned."""
        error = self.faults.begin(operation, path)
        if error is not None:
            raise storage_error(path, operation, error) from error

    # Files.

    def open(self, path: str, *, create: bool = False) -> File:
        self.begin(Operation.OPEN, path)
        parent, name = self._parent(path, "open")
        node = parent.entries.get(name)
        if isinstance(node, Directory) or not name:
            raise _failure(path, "open", errno.EISDIR)
        if node is None:
            if not create:
                raise _failure(path, "open", errno.ENOENT)
            node = self._create(parent, path, name)
        return SimFile(self, path, node)

    def _create(self, parent: Directory, path: str, name: str) -> Content:
        self.begin(Operation.CREATE, path)
        node = Content()
        parent.change(Link(name, node))
        return node

    def exists(self, path: str) -> bool:
        self.faults.check()
        return self._find(path) is not None

    def list(self, directory: str) -> list[str]:
        self.faults.check()
        return sorted(self._get(directory, "list", Directory).entries)

    def rename(self, source: str, target: str) -> None:
        operation = f"rename to {target}"
        parent, old = self._parent(source, operation)
        new_parent, new = self._parent(target, operation, blamed=source)
        number = self._rename_obstacle(parent, old, new_parent, new)
        if number:
            raise _failure(source, operation, number)
        self.begin(Operation.RENAME, source)
        if old != new:
            parent.change(Rename(old, new))

    @staticmethod
    def _rename_obstacle(parent: Directory, old: str, new_parent: Directory, new: str) -> int:
        """The number of the error that a rename meets, 0 for none."""
        moved, replaced = parent.entries.get(old), new_parent.entries.get(new)
        if moved is None:
            return errno.ENOENT
        if parent is not new_parent:
            return errno.EXDEV
        if replaced is None or replaced is moved:
            return 0
        if isinstance(replaced, Directory):
            return errno.EISDIR if isinstance(moved, Content) else errno.ENOTEMPTY if replaced.entries else 0
        return errno.ENOTDIR if isinstance(moved, Directory) else 0

    def unlink(self, path: str) -> None:
        parent, name = self._parent(path, "unlink")
        node = parent.entries.get(name)
        if not isinstance(node, Content):
            raise _failure(path, "unlink", errno.ENOENT if node is None else errno.EISDIR)
        self.begin(Operation.UNLINK, path)
        parent.change(Unlink(name))

    def replace_by_copy(self, path: str, content: Content, size: int) -> Content:
        """Cuts a file as the local disk does while views of it are out, step by step; returns the copy."""
        if self._find(path) is not content:
            raise _failure(path, "truncate", errno.ESTALE)
        temporary = f"{path}.cut"
        copy = self.open(temporary, create=True)
        copy.write([bytes(content.bytes[:size])], 0)
        copy.datasync()
        self.rename(temporary, path)
        self.sync_directory(_parent_of(path))
        return self._get(path, "truncate", Content)

    # Directories.

    def make_directory(self, path: str) -> None:
        node = self._find(path)
        if isinstance(node, Content):
            raise _failure(path, "mkdir", errno.EEXIST)
        if not _names(path):
            return
        if node is None:
            self.make_directory(_parent_of(path))
            parent, name = self._parent(path, "mkdir")
            self.begin(Operation.MAKE_DIRECTORY, path)
            parent.change(Link(name, Directory()))
        self.sync_directory(_parent_of(path))

    def remove_directory(self, path: str) -> None:
        directory = self._get(path, "rmdir", Directory)
        if directory.entries:
            raise _failure(path, "rmdir", errno.ENOTEMPTY)
        parent, name = self._parent(path, "rmdir")
        self.begin(Operation.REMOVE_DIRECTORY, path)
        parent.change(Unlink(name))

    def sync_directory(self, path: str) -> None:
        directory = self._get(path, "fsync", Directory)
        self.begin(Operation.SYNC_DIRECTORY, path)
        directory.sync()

    # Ownership and room.

    def lock(self, directory: str) -> Lock:
        owned = self._get(directory, "open", Directory)
        self.open(f"{directory}/LOCK", create=True).close()
        if owned in self._owned:
            raise DirectoryLocked(directory, _OWNER)
        return SimLock(self._owned, owned)

    def total_bytes(self, path: str) -> int:
        self.faults.check()
        return _TOTAL_BYTES

    def free_bytes(self, path: str) -> int:
        self.faults.check()
        if self._find(path) is None:
            raise _failure(path, "statvfs", errno.ENOENT)
        return _TOTAL_BYTES

    # Paths.

    def _find(self, path: str) -> Node | None:
        node: Node | None = self._root
        for name in _names(path):
            node = node.entries.get(name) if isinstance(node, Directory) else None
        return node

    def _get(self, path: str, operation: str, kind: type[T]) -> T:
        self.faults.check()
        node = self._find(path)
        if not isinstance(node, kind):
            raise _failure(path, operation, errno.ENOENT if node is None else errno.ENOTDIR)
        return node

    def _parent(self, path: str, operation: str, blamed: str = "") -> tuple[Directory, str]:
        """The directory that holds a name, and the name."""
        self.faults.check()
        node = self._find(_parent_of(path))
        if not isinstance(node, Directory):
            raise _failure(blamed or path, operation, errno.ENOENT)
        return node, path.rpartition("/")[2]


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name not in {"", "."}]


def _parent_of(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _failure(path: str, operation: str, number: int, reason: str = "") -> StorageFailed:
    return storage_error(path, operation, OSError(number, reason or os.strerror(number)))
