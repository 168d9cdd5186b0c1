"""The bytes of one simulated file: those that programs see, and those that may be found after a power failure.

      synced          what the last `sync` left on the device
      changes         the writes and cuts since, in order: the device has any part of them
      bytes           all of it: what programs read

Lives here: what of the changes is found, assumptions 2 to 6 of `sim.disk`. Must not live here: names, faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from cordwood.env.dice import Dice

PAGE_BYTES: Final = 4096
SECTOR_BYTES: Final = 512


class Write(NamedTuple):
    """Bytes that were written, and the size of the file afterwards."""

    position: int
    data: bytes
    size: int


class Cut(NamedTuple):
    """The file got another size: cut, or lengthened with zeros."""

    size: int


class Content:
    """The bytes of a file, whatever its name."""

    __slots__ = ("_changes", "_has_lost", "_synced", "bytes")

    def __init__(self, synced: bytes = b"") -> None:
        self._synced = synced
        self._changes: list[Write | Cut] = []
        self._has_lost = False
        self.bytes = bytearray(synced)

    @property
    def is_synced(self) -> bool:
        """Whether a power failure would change nothing."""
        return not self._changes

    def write(self, data: bytes, position: int, *, completes: bool = False) -> None:
        """Writes; a gap before `position` is zeros. With `completes` the last write was the beginning of this one."""
        if completes:
            self._changes.pop()
        if data:
            _put(self.bytes, data, position)
            self._changes.append(Write(position, data, len(self.bytes)))

    def cut(self, size: int) -> None:
        """Gives the file this size."""
        _resize(self.bytes, size)
        self._changes.append(Cut(size))

    def sync(self) -> None:
        """Everything is on the device."""
        self._synced = self._written_back()
        self._changes.clear()

    def fail_to_sync(self, dice: Dice) -> None:
        """Some of it is on the device. The rest is lost, but programs see it, and only pages that change go there again."""
        self._synced = self._found(dice)
        self._changes.clear()
        self._has_lost = True

    def fork(self) -> Content:
        """The same content again, to be changed apart."""
        twin = Content(self._synced)
        twin._changes = self._changes.copy()
        twin._has_lost = self._has_lost
        twin.bytes = self.bytes.copy()
        return twin

    def after_power_failure(self, dice: Dice) -> Content:
        """What the device may hold."""
        return Content(self._found(dice))

    def _found(self, dice: Dice) -> bytes:
        if not self._changes:
            return self._synced
        ways: tuple[Callable[[Dice], bytes], ...] = (self._nothing, self._everything, self._in_order, self._by_page)
        # Most is to be learned from pages in any order.
        return ways[min(dice.below(6), 3)](dice)

    def _nothing(self, _: Dice) -> bytes:
        return self._synced

    def _everything(self, _: Dice) -> bytes:
        return self._written_back()

    def _written_back(self) -> bytes:
        """What is on the device once every changed page is."""
        if not self._has_lost:
            return bytes(self.bytes) if self._changes else self._synced
        found = bytearray(self._synced)
        if self._changes:
            _resize(found, len(self.bytes))
        for change in self._changes:
            for start, _ in _pieces(change, len(self.bytes)):
                page = slice(start - start % PAGE_BYTES, start - start % PAGE_BYTES + PAGE_BYTES)
                found[page] = self.bytes[page]
        return bytes(found)

    def _in_order(self, dice: Dice) -> bytes:
        """The first changes, the last of them torn at any byte, or at a sector where the size is ahead of the bytes."""
        done = dice.below(len(self._changes) + 1)
        found = bytearray(self._synced)
        for change in self._changes[:done]:
            _apply(found, change)
        torn = self._changes[done] if done < len(self._changes) else None
        if isinstance(torn, Write):
            end = torn.position + dice.below(len(torn.data) + 1)
            if dice.below(2):
                end -= end % SECTOR_BYTES
                _resize(found, torn.size)
            _put(found, torn.data[: max(end - torn.position, 0)], torn.position)
        return bytes(found)

    def _by_page(self, dice: Dice) -> bytes:
        """Each page as it was after some change, one of them torn; the size as it was after some change."""
        changes = self._changes
        sized = dice.below(len(changes) + 1)
        found = bytearray(self._synced)
        size = changes[sized - 1].size if sized else len(found)
        largest = max(len(found), *(change.size for change in changes))
        _resize(found, largest)
        reached = self._reached(dice, largest, sized)
        torn_page = dice.below(2 * len(reached)) if reached else 0
        for number, change in enumerate(changes):
            for start, data in _pieces(change, largest):
                page = start // PAGE_BYTES
                if number < reached[page] or (isinstance(change, Cut) and number < sized):
                    found[start : start + len(data)] = data
                elif number == reached[page] and page == torn_page and _is_written(change, page):
                    whole = (start + dice.below(len(data) + 1)) // SECTOR_BYTES * SECTOR_BYTES
                    found[start:whole] = data[: max(whole - start, 0)]
        _resize(found, size)
        return bytes(found)

    def _reached(self, dice: Dice, largest: int, sized: int) -> list[int]:
        """For each page how many of the changes are found on it."""
        reached = [dice.below(len(self._changes) + 1) for _ in range(0, largest, PAGE_BYTES)]
        for number, change in enumerate(self._changes[sized:], sized):
            if isinstance(change, Cut):
                # This cut is not found, nor what was written since to the pages that it took away.
                first = -(-change.size // PAGE_BYTES)
                reached[first:] = [min(count, number) for count in reached[first:]]
        return reached


def _is_written(change: Write | Cut, page: int) -> bool:
    """Whether a change writes to a page: a cut does so where it leaves a part of it."""
    return isinstance(change, Write) or change.size > page * PAGE_BYTES


def _pieces(change: Write | Cut, largest: int) -> Iterator[tuple[int, bytes]]:
    """What a change does to each page: a cut makes zeros of everything behind it."""
    if isinstance(change, Write):
        start, data = change.position, change.data
    else:
        start, data = change.size, bytes(max(largest - change.size, 0))
    end = start + len(data)
    while start < end:
        piece_end = min(end, start - start % PAGE_BYTES + PAGE_BYTES)
        yield start, data[: piece_end - start]
        data = data[piece_end - start :]
        start = piece_end


def _apply(target: bytearray, change: Write | Cut) -> None:
    if isinstance(change, Write):
        _put(target, change.data, change.position)
    else:
        _resize(target, change.size)


def _put(target: bytearray, data: bytes, position: int) -> None:
    if position > len(target):
        _resize(target, position)
    target[position : position + len(data)] = data


def _resize(target: bytearray, size: int) -> None:
    if size < len(target):
        del target[size:]
    else:
        target.extend(bytes(size - len(target)))
