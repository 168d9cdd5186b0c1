"""Walking over a store in pieces: every batch checked, whatever the size of the file, also while it grows.

Lives here: the walk, and where to go on behind a bad place. Must not live here: what the batches mean together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.log.recovery import bytes_are_missing, find_following
from cordwood.model.errors import InvalidBatch
from cordwood.model.limits import BATCH_HEADER_SIZE_BYTES, BATCH_SIZE_LIMIT_BYTES
from cordwood.records.batch import check_stored_batch, parse_header, whole_batch_length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cordwood.env.disk import File
    from cordwood.records.batch import BatchHeader

WINDOW_BYTES: Final = 1 << 20
"""How much is read at once; a larger batch is read whole."""
READ_LIMIT_BYTES: Final = 64 << 20
"""A batch beyond this size, or bytes that claim to be one, is looked at through a map of the file instead of in memory."""


class BadPlace(NamedTuple):
    """Where a walk ended before the end."""

    position: int
    error: InvalidBatch


class Placed(NamedTuple):
    """A whole and valid batch at its place."""

    position: int
    header: BatchHeader
    batch: memoryview


class StoreWalk:
    """The batches in [start, end) of a store, each checked, CRC included. Afterwards `bad` says why it ended early."""

    def __init__(self, file: File, start: int, end: int) -> None:
        self._file = file
        self._end = end
        self.position = start
        """Where the next batch begins."""
        self.bad: BadPlace | None = None

    def __iter__(self) -> Iterator[Placed]:
        while self.position < self._end and self.bad is None:
            yield from self._batches_in(self._window())

    def _batches_in(self, window: memoryview) -> Iterator[Placed]:
        at = 0
        while at < len(window) or not at:
            try:
                header = check_stored_batch(window, at)
            except InvalidBatch as error:
                # At the beginning of a window the batch is there as far as the file has it; further on it may be cut off.
                if at == 0:
                    self.bad = BadPlace(self.position, error)
                return
            end = at + header.size_bytes
            placed = Placed(self.position, header, window[at:end])
            at = end
            self.position += header.size_bytes
            yield placed

    def _window(self) -> memoryview:
        """The bytes from the position on, with at least one whole batch if there is one."""
        left = self._end - self.position
        data = self._file.read(min(WINDOW_BYTES, left), self.position)
        size = parse_header(data).size_bytes if len(data) >= BATCH_HEADER_SIZE_BYTES else 0
        if not len(data) < size <= BATCH_SIZE_LIMIT_BYTES:
            return memoryview(data)
        size = min(size, left)
        if size > READ_LIMIT_BYTES:
            return self._file.view(self.position, self.position + size)
        return memoryview(self._file.read(size, self.position))


class Behind(NamedTuple):
    """What lies behind a bad place."""

    following: int | None
    """The position of the next valid batch in the file."""
    bytes_are_missing: bool
    """Whether there is a hole before it, as a power failure leaves one: then it is a torn write, not damage."""


def look_behind(file: File, position: int, end: int, min_offset: int) -> Behind:
    """Looks on from the bad place at `position`; only batches from `min_offset` on count."""
    view = file.view(position, end)
    found = find_following(view, 1, min_offset)
    missing = bytes_are_missing(view, position, 0, found)
    if found is None:
        return Behind(None, missing)
    return Behind(position + (_next_in_chain(view) or found), missing)


def _next_in_chain(view: memoryview) -> int | None:
    """Where the bad batch ends by its own account, if a valid one begins there: not one that its records carry."""
    size = parse_header(view).size_bytes if len(view) >= BATCH_HEADER_SIZE_BYTES else 0
    is_valid = BATCH_HEADER_SIZE_BYTES <= size < len(view) and whole_batch_length(view, size) is not None
    return size if is_valid else None


def holds_batch(file: File, min_offset: int) -> bool:
    """Whether there is a valid batch anywhere in a store."""
    return find_following(file.view(0, file.size()), 0, min_offset) is not None
