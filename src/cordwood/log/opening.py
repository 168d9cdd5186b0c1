"""Opening many logs side by side: a few threads for each data directory, because each waits for its own device.

      found (in order) ──> a queue for each directory ──> its workers ──> outcomes, in the order of `found`

What waits for the device, the reading of large stores and their CRCs run side by side; what is Python takes turns. A
thousand small logs whose files are in the page cache are therefore opened no faster, and large or cold ones are.

Lives here: who opens which log, and who is told how far it came. Must not live here: how one is opened (recovery.py),
which there are and what becomes of those that fail (manager.py).
"""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cordwood.model.errors import CorruptLog, StorageFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cordwood.env.background import Background
    from cordwood.log.config import LogConfig
    from cordwood.log.log import Log
    from cordwood.model.ids import TopicPartition


class Found(NamedTuple):
    """A log to open."""

    name: TopicPartition
    path: str
    config: LogConfig

    @property
    def directory(self) -> str:
        """The data directory that it lies in."""
        return self.path.rpartition("/")[0]


Outcome: TypeAlias = "Log | CorruptLog | StorageFailed"


class Opening:
    """The opening of many logs. `run` is called once."""

    def __init__(
        self,
        found: Sequence[Found],
        open_log: Callable[[str, LogConfig], Log],
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """`progress` is told how many of how many are open, by one thread at a time."""
        self._found = found
        self._open_log = open_log
        self._progress = progress
        self._queues: dict[str, deque[int]] = {}
        for place, one in enumerate(found):
            self._queues.setdefault(one.directory, deque()).append(place)
        self._outcomes: dict[int, Outcome] = {}
        self._noting = threading.Lock()
        self._unexpected: BaseException | None = None

    def run(self, background: Background, threads_per_directory: int) -> list[Outcome]:
        """What became of each, in the order in which they were found. One thread in all is the caller's own."""
        if threads_per_directory * len(self._queues) == 1:
            self._work(*self._queues.values())
        else:
            workers = [
                background.start("opening", partial(self._work, queue))
                for queue in self._queues.values()
                for _ in range(min(threads_per_directory, len(queue)))
            ]
            for worker in workers:
                worker.join()
        if self._unexpected is not None:
            raise self._unexpected
        return [self._outcomes[place] for place in range(len(self._found))]

    def _work(self, queue: deque[int]) -> None:
        """Opens logs of one directory until none is left, or somebody met what nobody expects."""
        while self._unexpected is None:
            try:
                place = queue.popleft()
            except IndexError:
                return
            try:
                self._note(place, self._open(self._found[place]))
            except BaseException as error:  # noqa: BLE001 - whatever it was, `run` raises it where it can be handled.
                self._unexpected = error

    def _open(self, found: Found) -> Outcome:
        try:
            return self._open_log(found.path, found.config)
        except (CorruptLog, StorageFailed) as error:
            return error

    def _note(self, place: int, outcome: Outcome) -> None:
        with self._noting:
            self._outcomes[place] = outcome
            if self._progress is not None:
                self._progress(len(self._outcomes), len(self._found))
