"""A shard without a coordinator: decides, replays, and keeps what was written, answered and set."""

from __future__ import annotations

from typing import Any

from cordwood.groups.classic.commands import Assignment, Join, Sync
from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.consumer.commands import ConsumerHeartbeat
from cordwood.groups.offsets.commands import Commit, CommitOffset, FetchOffsets
from cordwood.groups.offsets.replies import OffsetsFetched
from cordwood.groups.record import Record
from cordwood.groups.settings import GroupSettings
from cordwood.groups.shard import Shard
from cordwood.groups.turn import Turn
from cordwood.model.decision import NO_TICKET, Result, Ticket, TimerKey
from tests.groups.topics import FakeTopics

WEEK_MS = 7 * 24 * 3_600_000


def subscription(*topics: str) -> bytes:
    """What a consumer says for a protocol."""
    names = b"".join(len(topic).to_bytes(2, "big") + topic.encode() for topic in topics)
    return b"\0\0" + len(topics).to_bytes(4, "big") + names + b"\xff\xff\xff\xff"


class Driver:
    """Time stands still until somebody moves it."""

    def __init__(self, topics: FakeTopics | None = None, **settings: Any) -> None:
        self.shard = Shard()
        self.topics = topics or FakeTopics(orders=8, payments=8)
        self.settings = GroupSettings(initial_rebalance_delay_ms=0, **settings)
        self.now_ms = 1_000_000
        self.written: list[Record] = []
        self.answers: dict[Ticket, Any] = {}
        self.timers: dict[TimerKey, int] = {}
        self._tickets = 0
        self._ids = 0

    def turn(self, ticket: Ticket = NO_TICKET) -> Turn:
        """The surroundings of a decision now."""
        return Turn(self.now_ms, ticket, self.settings, self.topics, self._new_id)

    def _new_id(self) -> str:
        self._ids += 1
        return f"id{self._ids}"

    def carry_out(self, result: Result) -> Result:
        """Replays a result."""
        for record in result.records:
            self.shard.replay(record)
            if record.stored:
                self.written.append(record)
        self.answers.update(dict(result.answers))
        for key, delay_ms in result.timers:
            self.timers.pop(key, None)
            if delay_ms is not None:
                self.timers[key] = self.now_ms + delay_ms
        return result

    def run(self, command: Any) -> Any:
        """The answer of a command; None where it is still owed."""
        self._tickets += 1
        ticket = Ticket(self._tickets)
        self.carry_out(self.shard.decide(command, self.turn(ticket)))
        return self.answers.get(ticket)

    def fire(self, key: TimerKey) -> Result:
        """What comes of a timer."""
        del self.timers[key]
        return self.carry_out(self.shard.expired(key, self.turn()))

    def restarted(self) -> Driver:
        """Another shard with what was written of this one."""
        other = Driver(self.topics)
        other.settings, other.now_ms, other.written = self.settings, self.now_ms, list(self.written)
        for record in self.written:
            other.shard.replay(record)
        return other

    # What tests do often.

    def commit(self, group: str, topic: str, partition: int, offset: int, **fields: Any) -> Any:
        """Commits one offset."""
        return self.run(Commit(group, (CommitOffset(topic, partition, offset),), **fields))

    def offsets(self, group: str) -> dict[tuple[str, int], int]:
        """All committed offsets of a group."""
        fetched = self.run(FetchOffsets(group))
        assert isinstance(fetched, OffsetsFetched)
        return {(at.topic, at.partition): at.offset for at in fetched.offsets}

    def classic_member(self, group: str, *topics: str, protocol_type: str = "consumer") -> tuple[str, int]:
        """A stable classic group of one member; its id and generation."""
        protocols = (MemberProtocol("range", subscription(*topics)),)
        self.run(Join(group, "", None, "c", "/h", 10_000, 10_000, protocol_type, protocols))
        ticket = Ticket(self._tickets)
        self.fire(("classic-join", group))
        joined = self.answers[ticket]
        self.run(
            Sync(group, joined.member_id, None, joined.generation, None, None, (Assignment(joined.member_id, b""),))
        )
        return joined.member_id, joined.generation

    def consumer_member(self, group: str, member_id: str, *topics: str) -> int:
        """A member of a consumer group; its epoch."""
        reply = self.run(
            ConsumerHeartbeat(
                group, member_id, 0, 1, topics=frozenset(topics), rebalance_timeout_ms=10_000, owned=frozenset()
            )
        )
        epoch = reply.epoch
        assert isinstance(epoch, int)
        return epoch
