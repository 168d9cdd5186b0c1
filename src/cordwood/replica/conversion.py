"""Appends that need work before they can be written: another codec, a look at every key, or a log that is woken first.

Lives here: the queue of such appends of one partition, in their order. Must not live here: the work itself (records)
and what comes after (partition).

A batch that fits, or is small, is conformed at once. A large one goes to a background thread, where codecs run beside
the event loop, and every later append of the partition waits its turn behind it, since the order of a producer's
batches is its sequence. What waits is bounded: beyond `QUEUE_LIMIT_BYTES` the event loop itself waits for the oldest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, TypeAlias

from cordwood.env.background import Background
from cordwood.model.errors import CordwoodError
from cordwood.records.conform import Demands, conform

if TYPE_CHECKING:
    from cordwood.log.log import Appended
    from cordwood.replica.partition import Post
    from cordwood.replica.verifications import Admitted

SMALL_BATCH_BYTES: Final = 64 * 1024
QUEUE_LIMIT_BYTES: Final = 16 << 20

Tell: TypeAlias = "Callable[[Appended | CordwoodError], None]"
"""Told once what became of an append."""

Append: TypeAlias = "Callable[[memoryview, Admitted | None], Appended]"


class _Waiting:
    """A batch under conversion, and who wants to know."""

    __slots__ = ("admitted", "size", "tell", "work")

    def __init__(self, work: Future[bytearray], size: int, tell: Tell, admitted: Admitted | None) -> None:
        self.work = work
        self.admitted = admitted
        self.size = size
        self.tell = tell


class Conversions:
    """The appends of one partition that are not written yet. Used on the event loop's thread."""

    __slots__ = ("_append", "_background", "_post", "_queue", "_queued_bytes")

    def __init__(self, append: Append, background: Background, post: Post) -> None:
        self._append = append
        self._background = background
        self._post = post
        self._queue: deque[_Waiting] = deque()
        self._queued_bytes = 0

    def __len__(self) -> int:
        return len(self._queue)

    def at_once(self, batch: memoryview, demands: Demands, admitted: Admitted | None = None) -> Appended | None:
        """Conforms and appends; None if the batch has to wait its turn. Raises what conforming and appending raise."""
        if self._queue or len(batch) > SMALL_BATCH_BYTES:
            return None
        return self._append(_writable(conform(batch, demands)), admitted)

    def later(
        self,
        batch: memoryview,
        demands: Demands,
        tell: Tell,
        admitted: Admitted | None = None,
        *,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        """Takes a copy of the batch; `tell` is called when it was appended or refused.

        `prepare` is done in the background before, and what it raises is the outcome.
        """
        while self._queue and self._queued_bytes + len(batch) > QUEUE_LIMIT_BYTES:
            self._finish(self._queue.popleft())
        copy = bytearray(batch)
        work = self._background.submit(lambda: _prepared(copy, demands, prepare))
        self._queue.append(_Waiting(work, len(copy), tell, admitted))
        self._queued_bytes += len(copy)
        work.add_done_callback(lambda _: self._post(self._drain))

    def _drain(self) -> None:
        while self._queue and self._queue[0].work.done():
            self._finish(self._queue.popleft())

    def _finish(self, waiting: _Waiting) -> None:
        """Appends what was conformed, waiting for it if it is still under way."""
        self._queued_bytes -= waiting.size
        try:
            outcome: Appended | CordwoodError = self._append(memoryview(waiting.work.result()), waiting.admitted)
        except CordwoodError as error:
            outcome = error
        waiting.tell(outcome)


def _prepared(batch: bytearray, demands: Demands, prepare: Callable[[], None] | None) -> bytearray:
    if prepare is not None:
        prepare()
    return bytearray(conform(batch, demands))


def _writable(batch: object) -> memoryview:
    assert isinstance(batch, (memoryview, bytearray)), f"{type(batch)} cannot be stamped in place"
    return memoryview(batch)
