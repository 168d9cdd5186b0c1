"""Closing many logs side by side: those that have something to write wait for their device, and syncs at once share a wait.

Lives here: who closes which log, and what went wrong. Must not live here: what closing is (log.py), and what is noted of it
(manager.py).
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from cordwood.model.errors import LogClosed, StorageFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cordwood.env.background import Background
    from cordwood.log.log import Log


def close_all(logs: Iterable[Log], background: Background, threads: int) -> list[StorageFailed]:
    """Closes all, however many fail; the failures. So many of those that have something to write are closed at a time."""
    failures: list[StorageFailed] = []
    busy: deque[Log] = deque()
    for log in logs:
        if log.has_news and log.failure is None:
            busy.append(log)
        else:
            _close(log, failures)
    if threads == 1 or len(busy) < 2:
        _close_each(busy, failures)
        return failures
    workers = [
        background.start("closing", partial(_close_each, busy, failures)) for _ in range(min(threads, len(busy)))
    ]
    for worker in workers:
        worker.join()
    return failures


def _close_each(logs: deque[Log], failures: list[StorageFailed]) -> None:
    while True:
        try:
            log = logs.popleft()
        except IndexError:
            return
        _close(log, failures)


def _close(log: Log, failures: list[StorageFailed]) -> None:
    """Puts the log to rest before it is closed, so that what is noted of it is all there is."""
    try:
        if log.failure is not None:
            raise log.failure
        if log.has_news and not log.is_closed:
            log.checkpoint()
        log.rest()
    except LogClosed:
        return  # Somebody else was faster.
    except StorageFailed as error:
        failures.append(error)
    try:
        log.close()
    except StorageFailed as error:
        failures.append(error)  # The same once more, if it was not for good.
