"""The verbs `group` and `transform` for the drivers in Python: what a member is told at its start, and what it tells.

The lines are described in protocol.py. Nothing in here knows a Kafka client.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.clients.drivers.protocol import Answers

Place = tuple[str, int]
# A member writes out and commits as soon as it has so many records, and whenever no more come.
PORTION = 100
POLL_MS = 50
# A transaction copies no more records than these.
TRANSFORMED = 20
TRANSACTION_TIMEOUT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Membership:
    """The first line of `group`."""

    group: str
    protocol: str
    session_timeout_ms: int
    heartbeat_ms: int
    topics: list[str]
    pattern: str | None
    assignor: str | None
    instance_id: str | None


@dataclass(frozen=True, slots=True)
class Transformation:
    """The first line of `transform`: a member that copies what it is given, in transactions."""

    membership: Membership
    transactional_id: str
    source: str
    target: str
    abort_every: int
    """Every so many transactions one is aborted, and done again."""


def read_membership() -> Membership:
    """What the test wants this process to be."""
    return _membership(json.loads(sys.stdin.readline()))


def read_transformation() -> Transformation:
    """What the test wants this process to be."""
    line = json.loads(sys.stdin.readline())
    return Transformation(
        membership=_membership(line),
        transactional_id=line["transactional_id"],
        source=line["from"],
        target=line["to"],
        abort_every=line["abort_every"],
    )


def _membership(line: dict[str, Any]) -> Membership:
    return Membership(
        group=line["group"],
        protocol=line["protocol"],
        session_timeout_ms=line["session_timeout_ms"],
        heartbeat_ms=line["heartbeat_ms"],
        topics=line.get("topics", []),
        pattern=line.get("pattern"),
        assignor=line.get("assignor"),
        instance_id=line.get("instance_id"),
    )


def end_of_input() -> threading.Event:
    """An event that is set when the test has nothing more to say."""
    ended = threading.Event()

    def wait() -> None:
        while sys.stdin.readline():
            pass
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    return ended


class Journal:
    """Writes what happens to a member, and knows what it has written out and not yet committed."""

    def __init__(self) -> None:
        self._answers = Answers()
        self._lock = threading.Lock()
        self._uncommitted: dict[Place, int] = {}

    def assigned(self, places: Iterable[Place]) -> None:
        self._tell("assigned", places)

    def revoked(self, places: Iterable[Place]) -> None:
        self._tell("revoked", self._given_up(places))

    def lost(self, places: Iterable[Place]) -> None:
        self._tell("lost", self._given_up(places))

    def records(self, records: Iterable[tuple[str, int, int]]) -> None:
        """What a poll gave. From here on it is delivered, and may be committed."""
        told = list(records)
        self._tell("records", told)
        with self._lock:
            for topic, partition, offset in told:
                self._uncommitted[topic, partition] = offset + 1

    def uncommitted(self) -> dict[Place, int]:
        """The next offset of every partition that has moved since it was committed."""
        with self._lock:
            return dict(self._uncommitted)

    def committed(self, offsets: dict[Place, int]) -> None:
        """The broker has acknowledged these."""
        self._tell("committed", [(*place, offset) for place, offset in offsets.items()])
        with self._lock:
            for place, offset in offsets.items():
                if self._uncommitted.get(place) == offset:
                    del self._uncommitted[place]

    def refused(self, error: object) -> None:
        """A commit failed; it is tried again for what this member still has then."""
        self._answers.write({"refused": str(error)})

    def _given_up(self, places: Iterable[Place]) -> list[Place]:
        gone = list(places)
        with self._lock:
            for place in gone:
                self._uncommitted.pop(place, None)
        return gone

    def _tell(self, what: str, content: Iterable[object]) -> None:
        told = list(content)
        if told:
            self._answers.write({what: told})


class Turns:
    """Which transactions of a transformation are aborted, and what is told of each."""

    def __init__(self, abort_every: int) -> None:
        self._answers = Answers()
        self._abort_every = abort_every
        self._numbers = count(1)

    def is_abort(self) -> bool:
        """Whether the next transaction is one to abort."""
        return next(self._numbers) % self._abort_every == 0

    def committed(self, records: int) -> None:
        self._answers.write({"committed": records})

    def aborted(self, records: int) -> None:
        self._answers.write({"aborted": records})

    def refused(self, error: object) -> None:
        """This one should have been committed; its records are done again by whoever has them then."""
        self._answers.write({"refused": str(error)})
