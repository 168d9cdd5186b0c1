"""The jobs for the raft log: written at once, flushed together, reported in order.

      put ──> written ──> [one flush under way] ──> durable ──> replies are sent, the job is reported
                 └─ what comes meanwhile waits for the next flush, and shares it

Lives here: which jobs a flush covers. Must not live here: what is written (storage.py), what a report leads to (driver.py).

A job that need not be durable is reported as soon as all before it are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cordwood.consensus.storage import GroupStorage
    from cordwood.model.errors import CordwoodError
    from cordwood.raft import StorageAppend


class Writing:
    """The jobs of one node that are not reported."""

    def __init__(
        self,
        storage: GroupStorage,
        report: Callable[[StorageAppend], None],
        post: Callable[[Callable[[], None]], None],
    ) -> None:
        """`post` has the loop do something guarded; it is called in the flush worker's thread."""
        self._storage = storage
        self._report = report
        self._post = post
        self._jobs: deque[StorageAppend] = deque()
        self._in_flight = 0
        """So many jobs does the flush under way cover; 0 while there is none."""

    def __len__(self) -> int:
        return len(self._jobs)

    def put(self, job: StorageAppend) -> None:
        """Writes a job. Raises StorageFailed."""
        self._storage.write(job)
        self._jobs.append(job)

    def settle(self) -> bool:
        """Flushes what must be durable, or reports what need not be; True if anything was reported.

        Raises StorageFailed.
        """
        if self._in_flight or not self._jobs:
            return False
        if any(job.must_sync for job in self._jobs):
            self._in_flight = len(self._jobs)
            self._storage.log.flush(callback=self._note)
            return False
        self._report_oldest(len(self._jobs))
        return True

    def _note(self, error: CordwoodError | None) -> None:
        """In the flush worker's thread."""
        self._post(lambda: self._flushed(error))

    def _flushed(self, error: CordwoodError | None) -> None:
        if error is not None:
            raise error
        count, self._in_flight = self._in_flight, 0
        self._report_oldest(count)

    def _report_oldest(self, count: int) -> None:
        for _ in range(count):
            self._report(self._jobs.popleft())
