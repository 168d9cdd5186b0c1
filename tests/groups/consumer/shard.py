"""A shard for tests: carries out what decisions about groups come to, in virtual time."""

from __future__ import annotations

from itertools import count
from typing import Any

from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.consumer.commands import ConsumerHeartbeat
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.partitions import NO_PARTITIONS, Partitions
from cordwood.groups.record import Record
from cordwood.groups.settings import GroupSettings
from cordwood.groups.shard import CLEARING, Shard
from cordwood.groups.turn import Topics, Turn
from cordwood.model.decision import NO_TICKET, Result, Ticket, TimerKey
from tests.groups.topics import FakeTopics

HOUR_MS = 3_600_000


class FakeShard:
    """Groups by name, the records that were stored, timers, and who is owed an answer."""

    def __init__(self, topics: FakeTopics, settings: GroupSettings | None = None) -> None:
        self.topics = topics
        self.settings = settings or GroupSettings(initial_rebalance_delay_ms=0)
        self.now_ms = 1_000_000
        self.shard = Shard()
        self.stored: list[Record] = []
        self.timers: dict[TimerKey, int] = {}
        self.answers: dict[Ticket, Any] = {}
        self.owed: set[Ticket] = set()
        self._tickets = count(1)
        self._ids = count(1)

    @property
    def groups(self) -> dict[str, Any]:
        """All groups by name."""
        return self.shard.groups

    @property
    def group(self) -> ConsumerGroup:
        """The only group, which speaks the new protocol."""
        (group,) = self.groups.values()
        assert isinstance(group, ConsumerGroup), group
        return group

    def turn(self, ticket: Ticket = NO_TICKET) -> Turn:
        """What a decision is given now."""
        topics: Topics = self.topics
        return Turn(self.now_ms, ticket, self.settings, topics, lambda: f"id-{next(self._ids)}")

    def ask(self, command: Any) -> Ticket:
        """Has a command decided; its answer is in `answers`, now or later."""
        ticket = Ticket(next(self._tickets))
        self.owed.add(ticket)
        self.carry_out(self.shard.decide(command, self.turn(ticket)))
        return ticket

    def tell(self, command: Any) -> Any:
        """The answer to a command that is answered at once."""
        return self.answers.pop(self.ask(command))

    def beat(self, member_id: str, epoch: int, owned: Partitions | None = None, **fields: Any) -> Any:
        """The answer to a heartbeat in group "g"."""
        return self.tell(ConsumerHeartbeat("g", member_id, epoch, 1, owned=owned, **fields))

    def join(self, member_id: str, *topics: str, **fields: Any) -> Any:
        """The answer to a member that joins."""
        said = {"rebalance_timeout_ms": 60_000, "topics": frozenset(topics)} | fields
        return self.beat(member_id, 0, NO_PARTITIONS, **said)

    def advance(self, duration_ms: int) -> None:
        """Lets time pass; timers fire in their order."""
        end_ms = self.now_ms + duration_ms
        while self.timers:
            key, due_ms = min(self.timers.items(), key=lambda item: item[1])
            if due_ms > end_ms:
                break
            self.now_ms = max(self.now_ms, due_ms)
            del self.timers[key]
            self.carry_out(self.shard.expired(key, self.turn()))
        self.now_ms = end_ms

    def restart(self) -> None:
        """Forgets all that was not stored."""
        self.shard = Shard()
        self.timers = {}
        self.answers = {}
        self.owed = set()
        for record in self.stored:
            self.shard.replay(record)
        for result in self.shard.loaded(self.turn()):
            self.carry_out(result)

    def carry_out(self, result: Result) -> None:
        """Takes a result as the shell does: records, timers, answers."""
        for record in result.records:
            if record.stored:
                self.stored.append(record)
            self.shard.replay(record)
        for timer in result.timers:
            if timer.key == CLEARING:
                continue  # Groups without members and offsets stay, so that tests can look at them.
            if timer.delay_ms is None:
                self.timers.pop(timer.key, None)
            else:
                self.timers[timer.key] = self.now_ms + timer.delay_ms
        for answer in result.answers:
            assert answer.ticket in self.owed, f"{answer.ticket} is answered twice, or was never asked"
            self.owed.remove(answer.ticket)
            self.answers[answer.ticket] = answer.value


def classic_group(shard: FakeShard) -> ClassicGroup:
    """The only group, which speaks the classic protocol."""
    (group,) = shard.groups.values()
    assert isinstance(group, ClassicGroup), group
    return group
