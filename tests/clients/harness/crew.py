"""Members of one group as processes: they join, leave, are killed and paused; and what must hold meanwhile.

Lives here: the processes, and the conditions that a test waits for. Must not live here: the facts (logbook.py).
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import CLIENTS, Client
from tests.clients.harness.flood import Flood, Ledger
from tests.clients.harness.logbook import Logbook, Place, brief
from tests.clients.harness.session import DriverFailed, Session

SETTLED_WITHIN_S = 60.0
DELIVERED_WITHIN_S = 60.0
LEFT_WITHIN_S = 20.0
LOADED_WITHIN_S = 10.0
COORDINATOR_LOAD_IN_PROGRESS = 14
SHOWN_MEMBERS = 12
SHOWN_STDERR = 1_500


@dataclass(frozen=True)
class Kind:
    """What a member is: a client, and how it takes part. None is the client's own choice of an assignor."""

    client: Client
    protocol: str = "classic"
    assignor: str | None = None

    @property
    def name(self) -> str:
        return "-".join(part for part in (self.client.name, self.protocol, self.assignor) if part)


@dataclass(frozen=True)
class Pace:
    """How soon a member that is silent is given up. Under the new protocol these are settings of the broker."""

    session_timeout_ms: int = 4_000
    heartbeat_ms: int = 250

    def settings(self) -> dict[str, str]:
        """A broker that knows no longer times than these."""
        return {
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
            "group.consumer.min.session.timeout.ms": "1000",
            "group.consumer.session.timeout.ms": str(self.session_timeout_ms),
            "group.consumer.min.heartbeat.interval.ms": str(self.heartbeat_ms),
            "group.consumer.heartbeat.interval.ms": str(self.heartbeat_ms),
            "group.consumer.assignment.interval.ms": "0",
        }


class Member:
    """One process, and the thread that listens to it."""

    def __init__(self, name: str, kind: Kind, session: Session, logbook: Logbook) -> None:
        self.name = name
        self.kind = kind
        self.session = session
        self.may_end = False
        self._logbook = logbook
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def gone(self, within_s: float) -> bool:
        """Whether everything that it ever said is written down, and it says no more."""
        self._listener.join(within_s)
        return not self._listener.is_alive()

    def _listen(self) -> None:
        while True:
            try:
                line = self.session.next(within_s=None)
            except DriverFailed as ended:
                if not self.may_end:
                    self._logbook.complain(f"{self.name} has ended by itself: {ended}")
                return
            self._logbook.write(self.name, line)


def create_topic(admin: Session, topic: str, partitions: int) -> None:
    """A topic for a group."""
    answer = admin.ask({"op": "create_topic", "topic": topic, "partitions": partitions})
    assert "ok" in answer, answer


@dataclass(frozen=True)
class Feed:
    """What groups consume: a topic, and a producer that waits to be granted records."""

    topic: str
    partitions: int
    flood: Flood
    ledger: Ledger

    def places(self) -> list[Place]:
        return [(self.topic, partition) for partition in range(self.partitions)]

    def ends(self) -> dict[Place, int]:
        """Where each partition ends, by what the producer was told."""
        ends: dict[Place, int] = {}
        for partition, offset in self.ledger.places().values():
            place = (self.topic, partition)
            ends[place] = max(offset + 1, ends.get(place, 0))
        return ends


@contextmanager
def open_feed(bootstrap: str, admin: Session, topic: str, partitions: int, seed: int) -> Iterator[Feed]:
    """Makes the topic, and ends the producer."""
    create_topic(admin, topic, partitions)
    ledger = Ledger()
    flood = Flood(CLIENTS[0], bootstrap, topic, partitions, ledger, seed)
    try:
        yield Feed(topic, partitions, flood, ledger)
    finally:
        flood.close()


@contextmanager
def open_crew(broker: Broker, group: str, topic: str, partitions: int, seed: int) -> Iterator[Crew]:
    """A group without members, over a topic that is made for it."""
    with (
        CLIENTS[0].session("admin", broker.bootstrap) as admin,
        open_feed(broker.bootstrap, admin, topic, partitions, seed) as feed,
    ):
        crew = Crew(broker.bootstrap, admin, group, feed)
        try:
            yield crew
        finally:
            crew.close()


class Crew:
    """The members of one group over one topic, and the flood of records that they share."""

    def __init__(self, bootstrap: str, admin: Session, group: str, feed: Feed) -> None:
        self.group = group
        self.flood = feed.flood
        self.logbook = Logbook(group)
        self.pace = Pace()
        self.live: list[Member] = []
        self._all: list[Member] = []
        self._bootstrap = bootstrap
        self._admin = admin
        self._feed = feed
        self._places = feed.places()
        self._numbers = count(1)

    def start(
        self, kind: Kind, instance_id: str | None = None, pace: Pace | None = None, pattern: str | None = None
    ) -> Member:
        """One member more."""
        name = f"{kind.name}#{next(self._numbers)}"
        self.logbook.join(name)
        session = kind.client.session("group", self._bootstrap)
        member = Member(name, kind, session, self.logbook)
        self._all.append(member)
        self.live.append(member)
        pace = pace or self.pace
        session.tell(
            {
                "group": self.group,
                "topics": [self._feed.topic] if pattern is None else [],
                "pattern": pattern,
                "protocol": kind.protocol,
                "assignor": kind.assignor,
                "instance_id": instance_id,
                "session_timeout_ms": pace.session_timeout_ms,
                "heartbeat_ms": pace.heartbeat_ms,
            }
        )
        return member

    def create_topic(self, topic: str) -> None:
        """A topic beside the one that is consumed."""
        create_topic(self._admin, topic, 1)

    def dismiss(self, *members: Member) -> None:
        """They say goodbye, all at once, and are not waited for."""
        for member in members:
            self._remove(member, "leaves")
            member.session.end_input()

    def leave(self, *members: Member) -> None:
        """They say goodbye, all at once, and are gone."""
        self.dismiss(*members)
        for member in members:
            assert member.gone(LEFT_WITHIN_S), f"{member.name} does not end\n{self.report()}\n{self.logbook.story()}"

    def kill(self, member: Member) -> None:
        """It is gone, and nobody is told. What it said before counts."""
        self._remove(member, "is killed")
        member.session.abandon()
        assert member.gone(LEFT_WITHIN_S), member.name

    def pause(self, member: Member) -> None:
        """It stands still, and does not know it."""
        member.session.send_signal(signal.SIGSTOP)
        self.live.remove(member)
        self.logbook.drop(member.name, "is paused")

    def resume(self, member: Member) -> None:
        """It goes on as if nothing had been."""
        self.logbook.join(member.name)
        self.live.append(member)
        member.session.send_signal(signal.SIGCONT)

    def freeze(self) -> None:
        """All stand still for a moment, too short for anybody to be given up."""
        for member in self.live:
            member.session.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """All go on."""
        for member in self.live:
            member.session.send_signal(signal.SIGCONT)

    def wait_settled(self) -> None:
        """Every partition has one owner among those that live, and nobody has many more than another."""
        self._wait(self.is_settled, f"each of {len(self._places)} partitions at one of {len(self.live)} members")

    def is_settled(self) -> bool:
        shares = list(self.logbook.owned().values())
        owners = sorted(place for share in shares for place in share)
        sizes = [len(share) for share in shares]
        return owners == self._places and max(sizes) - min(sizes) <= 1

    def wait_delivered(self) -> None:
        """Everything that was sent has been given to somebody, and is committed."""
        self._feed.ledger.wait_for(self.flood.granted, DELIVERED_WITHIN_S)
        ends = self.ends()
        self._wait(lambda: not self.logbook.undelivered(ends), f"everything before {ends} is delivered")
        self._wait(lambda: self.logbook.committed() == ends, f"everything before {ends} is committed")

    def flow(self, granted: int, records: int) -> None:
        """So many records more are sent, and of these or earlier ones at least `records` are delivered."""
        goal = self.logbook.count() + records
        self.flood.grant(granted)
        self._wait(lambda: self.logbook.count() >= goal, f"{records} records are delivered")

    def wait_stirred(self, moves: int) -> None:
        """So often partitions have moved: now a rebalance is about to come, under way, or done."""
        goal = self.logbook.moves() + moves
        self._wait(lambda: self.logbook.moves() >= goal, f"{moves} moves of partitions")

    def ends(self) -> dict[Place, int]:
        """Where each partition ends, by what the producer was told."""
        return self._feed.ends()

    def check_stored(self) -> dict[Place, int]:
        """What the broker says is committed is all that was acknowledged, and has passed no record undelivered."""
        acknowledged = self.logbook.committed()
        stored = self._stored()
        back = {
            place: (told, stored.get(place)) for place, told in acknowledged.items() if stored.get(place, -1) < told
        }
        assert not back, f"{self.group}: committed offsets went back (told, stored): {back}\n{self.logbook.story()}"
        # What a member has written before its commit may still be on its way through the pipe.
        self._wait(lambda: not self.logbook.undelivered(stored), f"everything before the stored {stored} is delivered")
        return stored

    def report(self) -> str:
        """What a failure shows of the processes."""
        ends = self.ends()
        words = [f"undelivered: {brief(self.logbook.undelivered(ends)) or 'nothing'}; ends: {ends}"]
        shown = self._all[-SHOWN_MEMBERS:]
        words += [f"stderr of {member.name}: {member.session.stderr()[-SHOWN_STDERR:]}" for member in shown]
        try:
            words.append(f"the broker says: {json.dumps(self._ask('group'))}")
        except DriverFailed as failed:
            words.append(f"the broker says nothing: {failed}")
        return "\n".join(words)

    def close(self) -> None:
        """End every member that still runs."""
        for member in self._all:
            member.may_end = True
            member.session.abandon()
        for member in self._all:
            member.gone(LEFT_WITHIN_S)
            member.session.close()

    def _stored(self) -> dict[Place, int]:
        deadline = time.monotonic() + LOADED_WITHIN_S
        answer = self._ask("committed")
        while answer.get("error") == COORDINATOR_LOAD_IN_PROGRESS and time.monotonic() < deadline:
            answer = self._ask("committed")
        assert "ok" in answer, answer
        return {(topic, partition): offset for topic, partition, offset in answer["ok"]}

    def _ask(self, op: str) -> dict[str, Any]:
        return self._admin.ask({"op": op, "group": self.group})

    def _remove(self, member: Member, why: str) -> None:
        member.may_end = True
        self.live.remove(member)
        self.logbook.drop(member.name, why)

    def _wait(self, true: Callable[[], bool], what: str) -> None:
        self.logbook.wait_until(true, what, SETTLED_WITHIN_S, self.report)
