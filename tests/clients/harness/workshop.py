"""Loops of consume, transform, produce as processes: members of a group that copy a topic in transactions.

Lives here: the processes of one client, and what must hold of their copy. Must not live here: who they are.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

from tests.clients.harness.crew import Kind, Pace
from tests.clients.harness.session import DriverFailed, Session
from tests.clients.harness.transactor import wait_until

ABORT_EVERY = 4
WORKED_WITHIN_S = 90.0
LEFT_WITHIN_S = 30.0
SHOWN_STDERR = 2_000


@dataclass(frozen=True)
class Task:
    """What the workers of a client do: from a topic to another, as a group."""

    bootstrap: str
    kind: Kind
    group: str
    source: str
    target: str


class Worker:
    """One process, and the thread that listens to it."""

    def __init__(self, task: Task, number: int) -> None:
        self.number = number
        self.told: Counter[str] = Counter()
        self.refusals: list[str] = []
        self._task = task
        self._may_end = False
        self._trouble: str | None = None
        self._session: Session = task.kind.client.session("transform", task.bootstrap)
        pace = Pace()
        self._session.tell(
            {
                "transactional_id": f"{task.group}.{number}",
                "from": task.source,
                "to": task.target,
                "abort_every": ABORT_EVERY,
                "group": task.group,
                "topics": [task.source],
                "protocol": task.kind.protocol,
                "assignor": task.kind.assignor,
                "session_timeout_ms": pace.session_timeout_ms,
                "heartbeat_ms": pace.heartbeat_ms,
            }
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def wait_committed(self, transactions: int) -> None:
        """Wait until it has committed so many transactions."""
        wait_until(lambda: self.told["committed"] >= transactions or self._has_ended(), WORKED_WITHIN_S, self.report)
        self.check()

    def kill(self) -> None:
        """It is gone, most likely in the middle of a transaction."""
        self._may_end = True
        self._session.abandon()
        self._listener.join(LEFT_WITHIN_S)
        self._session.close()

    def leave(self) -> None:
        """It says goodbye."""
        self._may_end = True
        self._session.end_input()
        self._listener.join(LEFT_WITHIN_S)

    def check(self) -> None:
        """Fails when it has ended by itself."""
        assert self._trouble is None, self.report()

    def report(self) -> str:
        """What a failure shows of it."""
        end = self._session.stderr()[-SHOWN_STDERR:]
        return f"{self._task.group} #{self.number}: {dict(self.told)} {self.refusals[-5:]} {self._trouble}\n{end}"

    def _has_ended(self) -> bool:
        return not self._listener.is_alive()

    def _listen(self) -> None:
        while True:
            try:
                line = self._session.next(within_s=None)
            except DriverFailed as ended:
                if not self._may_end:
                    self._trouble = f"has ended by itself: {ended}"
                return
            ((what, content),) = line.items()
            self.told[what] += 1
            if what == "refused":
                self.refusals.append(content)
