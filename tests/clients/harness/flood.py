"""Idempotent producers that run on while the broker is killed, and the ledger of what they were told.

A producer is a driver process that is granted records in portions. So the amount of work is bounded, and the moment of
a kill can be chosen by counting acknowledgements instead of waiting for a while.
"""

from __future__ import annotations

import itertools
import random
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tests.clients.harness.clients import Client
from tests.clients.harness.records import armour, bare
from tests.clients.harness.session import DriverFailed, Session

SMALL_BYTES = 200
LARGE_BYTES = 60_000
# One record in so many is large: a write of it is long enough to be cut by a kill.
LARGE_EVERY = 25

Told = tuple[str, int]
Place = tuple[int, int]


class Ledger:
    """Which record of which producer was acknowledged where. Safe to use from many threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._places: dict[Told, Place] = {}
        self._complaints: list[str] = []

    def acknowledge(self, told: Told, place: Place) -> None:
        with self._changed:
            if told in self._places:
                self._complaints.append(f"{told} was acknowledged at {self._places[told]} and again at {place}")
            self._places[told] = place
            self._changed.notify_all()

    def complain(self, complaint: str) -> None:
        """Something that must not happen did; whoever waits hears of it."""
        with self._changed:
            self._complaints.append(complaint)
            self._changed.notify_all()

    def wait_for(self, count: int, within_s: float) -> None:
        """Wait until so many records are acknowledged in all."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._places) >= count or self._complaints, within_s)
            assert not self._complaints, "\n".join(self._complaints)
            assert len(self._places) >= count, f"{len(self._places)} acknowledged after {within_s} s, not {count}"

    def __len__(self) -> int:
        with self._changed:
            return len(self._places)

    def places(self) -> dict[Told, Place]:
        """Everything acknowledged so far."""
        with self._changed:
            return dict(self._places)


class Flood:
    """One producer: what it is granted it sends at once, round-robin over the partitions."""

    def __init__(self, client: Client, bootstrap: str, topic: str, partitions: int, ledger: Ledger, seed: int) -> None:
        self.name = client.name
        self.granted = 0
        self._topic = topic
        self._partitions = partitions
        self._ledger = ledger
        self._dice = random.Random(f"{seed} {client.name}")
        self._session: Session = client.session("produce", bootstrap)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def grant(self, count: int) -> None:
        """Let it send so many records more."""
        numbers = range(self.granted, self.granted + count)
        self.granted += count
        self._session.tell(*(self._line(n) for n in numbers))

    def finish(self, within_s: float) -> None:
        """Wait until everything that was granted is acknowledged, and end."""
        self._session.end_input()
        self._listener.join(within_s)

    def close(self) -> None:
        self._session.abandon()
        self._listener.join()
        self._session.close()

    def stderr(self) -> str:
        return self._session.stderr()

    def _line(self, n: int) -> dict[str, Any]:
        size = LARGE_BYTES if self._dice.randrange(LARGE_EVERY) == 0 else SMALL_BYTES
        return {
            "n": n,
            "topic": self._topic,
            "partition": n % self._partitions,
            "key": None,
            "value": armour(f"{self.name} {n} ".encode() + self._dice.randbytes(self._dice.randrange(size))),
            "acks": "all",
            "idempotent": True,
        }

    def _listen(self) -> None:
        while True:
            try:
                answer = self._session.next(within_s=None)
            except DriverFailed:
                return
            if "error" in answer:
                self._ledger.complain(f"{self.name} was refused record {answer['n']}: {answer['error']}")
            else:
                self._ledger.acknowledge((self.name, answer["n"]), (answer["partition"], answer["offset"]))


def sender_of(record: Mapping[str, Any]) -> Told:
    """Who sent a record that was read back."""
    value = bare(record["value"])
    assert value is not None
    name, n, _ = value.split(b" ", 2)
    return name.decode(), int(n)


def findings(records: Iterable[Mapping[str, Any]], ledger: Ledger) -> list[str]:
    """What is wrong with a topic that was read back whole, against what was acknowledged."""
    found: dict[Told, list[Place]] = defaultdict(list)
    at: dict[Place, Told] = {}
    runs: dict[tuple[str, int], list[int]] = defaultdict(list)
    for record in records:
        name, n = sender_of(record)
        place = record["partition"], record["offset"]
        found[name, n].append(place)
        at[place] = name, n
        runs[name, record["partition"]].append(n)
    complaints = [f"{told} is there {len(places)} times: {places}" for told, places in found.items() if len(places) > 1]
    for told, place in ledger.places().items():
        if told not in found:
            complaints.append(f"{told} was acknowledged at {place} and is missing")
        elif at.get(place) != told:
            complaints.append(f"{told} was acknowledged at {place}, where {at.get(place)} is; it is at {found[told]}")
    for (name, partition), run in runs.items():
        complaints += [
            f"{name} in partition {partition}: {after} comes after {before}"
            for before, after in itertools.pairwise(run)
            if after <= before
        ]
    return complaints
