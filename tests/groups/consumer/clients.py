"""Consumers for tests, which behave as real ones do: of the new protocol, and of the classic one.

`owned` is what a consumer reads from. It gives up what it is not to have any more before it says so, and takes what it
is told that it has. A request or its answer may be lost: then it asks again, as after a new connection.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from cordwood.groups.classic.commands import Assignment as GivenAssignment
from cordwood.groups.classic.commands import Heartbeat, Join, Leave, Leaving, Sync
from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.classic.replies import JoinReply, SyncReply
from cordwood.groups.consumer.commands import LEAVE_STATIC_EPOCH, ConsumerHeartbeat, HeartbeatReply
from cordwood.groups.consumer.partitions import NO_PARTITIONS, Partitions, by_topic, flatten
from cordwood.groups.embedded import (
    Assignment,
    Subscription,
    read_assignment,
    read_subscription,
    write_assignment,
    write_subscription,
)
from cordwood.model.decision import Ticket
from cordwood.model.group_errors import (
    FencedInstance,
    GroupNotFound,
    MemberIdRequired,
    RebalanceInProgress,
    UnknownMember,
)
from tests.groups.consumer.shard import FakeShard

REBALANCE_TIMEOUT_MS = 20_000
CLASSIC_SESSION_MS = 10_000


class Lost(Enum):
    """What the network takes."""

    NOTHING = "nothing"
    REQUEST = "request"
    REPLY = "reply"


class ModernClient:
    """A consumer of the new protocol."""

    interval_ms = 5_000

    def __init__(
        self, shard: FakeShard, member_id: str, topics: frozenset[str], instance_id: str | None = None
    ) -> None:
        self.shard = shard
        self.id = member_id
        self.topics = topics
        self.regex: str | None = None
        self.instance_id = instance_id
        self.owned: Partitions = NO_PARTITIONS
        self.due_ms = shard.now_ms
        self.epoch = 0
        self._assigned: Partitions | None = None
        self._reported: Partitions | None = None
        self._is_sure = False
        """Whether the coordinator is known to know all: then a heartbeat says only what changed."""

    def act(self, lost: Lost = Lost.NOTHING) -> None:
        """Gives up and takes what it was told, and sends a heartbeat."""
        self.due_ms = self.shard.now_ms + self.interval_ms
        if self._assigned is not None:
            self.owned = self._assigned
        if lost is Lost.REQUEST:
            self._is_sure = False
            return
        command = self._command()
        reply = self.shard.tell(command)
        self._check_fenced(command, reply)
        if lost is Lost.REPLY:
            self._is_sure = False
        elif isinstance(reply, HeartbeatReply):
            self._heard(reply, command)
        else:
            self._drop()

    def leave(self, epoch: int, lost: Lost) -> None:
        """Goes, with -2 to come back under its instance id."""
        self.owned = NO_PARTITIONS
        if lost is not Lost.REQUEST and self.epoch > 0:
            self.shard.tell(ConsumerHeartbeat("g", self.id, epoch, 1, instance_id=self.instance_id))

    def subscribe(self, topics: frozenset[str], regex: str | None) -> None:
        """Wants something else from now on."""
        self.topics, self.regex = topics, regex
        self._is_sure = False

    def wants(self, topic: str) -> bool:
        """Whether it subscribes to a topic; the patterns of these tests are prefixes."""
        return topic in self.topics or (self.regex is not None and topic.startswith(self.regex.removesuffix(".*")))

    def is_known(self) -> bool:
        """Whether the coordinator has it as a member, at the epoch that it has."""
        group = self.shard.groups.get("g")
        member = getattr(group, "members", {}).get(self.id)
        return member is not None and self.epoch > 0 and not getattr(member, "is_classic", False)

    def _command(self) -> ConsumerHeartbeat:
        if self.epoch == 0 or not self._is_sure:
            owned = NO_PARTITIONS if self.epoch == 0 else self.owned
            regex = self.regex or ""
            return ConsumerHeartbeat(
                "g", self.id, self.epoch, 1, "client", "host", self.instance_id, None, REBALANCE_TIMEOUT_MS,
                self.topics, regex, None, owned,
            )  # fmt: skip
        owned_if_new = self.owned if self.owned != self._reported else None
        return ConsumerHeartbeat("g", self.id, self.epoch, 1, "client", "host", self.instance_id, owned=owned_if_new)

    def _check_fenced(self, command: ConsumerHeartbeat, reply: Any) -> None:
        group = self.shard.groups.get("g")
        if command.epoch > 0 and (group is None or command.member_id not in group.members):
            assert not isinstance(reply, HeartbeatReply), "a member that is none got an answer"

    def _heard(self, reply: HeartbeatReply, command: ConsumerHeartbeat) -> None:
        assert reply.epoch >= self.epoch, "an epoch went back"
        self.epoch = reply.epoch
        self._is_sure = True
        if command.owned is not None:
            self._reported = command.owned
        if reply.assigned is not None:
            self._assigned = reply.assigned

    def _drop(self) -> None:
        self.owned = NO_PARTITIONS
        self._assigned = None
        self._reported = None
        self._is_sure = False
        self.epoch = 0


class ClassicClient:
    """A consumer of the classic protocol, eager or cooperative."""

    interval_ms = 3_000

    def __init__(
        self, shard: FakeShard, topics: frozenset[str], instance_id: str | None = None, *, cooperative: bool
    ) -> None:
        self.shard = shard
        self.id = ""
        self.topics = topics
        self.instance_id = instance_id
        self.owned: Partitions = NO_PARTITIONS
        self.due_ms = shard.now_ms
        self.generation = -1
        self._cooperative = cooperative
        self._protocol = "cooperative-sticky" if cooperative else "range"
        self._has_joined = False
        self._said = topics
        self._waiting: tuple[str, Ticket] | None = None
        self._given: tuple[GivenAssignment, ...] = ()
        self._leads_since: int | None = None

    def act(self, lost: Lost = Lost.NOTHING) -> None:
        """Looks for the answer that it waits for, or asks the next thing."""
        self.due_ms = self.shard.now_ms + self.interval_ms
        if self._waiting is not None:
            self._look(lost)
        elif lost is Lost.REQUEST:
            return
        elif self.generation < 0:
            self._join()
        elif self._has_joined:
            self._ask("heartbeat", Heartbeat("g", self.id, self.instance_id, self.generation))
        else:
            who = ("g", self.id, self.instance_id, self.generation)
            self._ask("sync", Sync(*who, "consumer", self._protocol, self._given))
        if self._waiting is not None and lost is Lost.NOTHING:
            self._look(lost)

    def leave(self, epoch: int, lost: Lost) -> None:
        """Goes; with -2 it says nothing, as static members do that will be back."""
        self.owned = NO_PARTITIONS
        if lost is not Lost.REQUEST and self.id and epoch != LEAVE_STATIC_EPOCH:
            self.shard.tell(Leave("g", (Leaving(self.id, self.instance_id),)))

    def subscribe(self, topics: frozenset[str], _regex: str | None) -> None:
        """Wants something else from now on: it joins again for that, when it next speaks."""
        self.topics = topics

    def wants(self, topic: str) -> bool:
        """Whether it subscribes to a topic."""
        return topic in self.topics

    def is_known(self) -> bool:
        """Whether the coordinator has it as a member."""
        return self.id in getattr(self.shard.groups.get("g"), "members", {})

    def _ask(self, what: str, command: Any) -> None:
        self._waiting = (what, self.shard.ask(command))

    def _look(self, lost: Lost) -> None:
        assert self._waiting is not None
        what, ticket = self._waiting
        if ticket not in self.shard.answers:
            if ticket not in self.shard.owed or lost is not Lost.NOTHING:
                self._waiting = None
                if what == "join":
                    self.generation = -1
            return
        answer = self.shard.answers.pop(ticket)
        self._waiting = None
        if lost is not Lost.REPLY:
            {"join": self._heard_join, "sync": self._heard_sync, "heartbeat": self._heard_heartbeat}[what](answer)

    def _join(self) -> None:
        if not self._cooperative:
            self.owned = NO_PARTITIONS
        self._said = self.topics
        named = self._named(self.owned)
        said = write_subscription(Subscription(tuple(sorted(self.topics)), owned=named, generation=self.generation))
        self._ask(
            "join",
            Join(
                "g", self.id, self.instance_id, "classic", "host", CLASSIC_SESSION_MS, REBALANCE_TIMEOUT_MS, "consumer",
                (MemberProtocol(self._protocol, said),), require_known_member_id=True,
            ),
        )  # fmt: skip

    def _heard_join(self, reply: Any) -> None:
        if not isinstance(reply, JoinReply) or reply.error is not None:
            error = reply.error if isinstance(reply, JoinReply) else reply
            if isinstance(error, MemberIdRequired):
                self.id = reply.member_id
            elif not isinstance(error, RebalanceInProgress):
                self._drop(error)
            return
        assert reply.generation >= self.generation, "a generation went back"
        self.id, self.generation = reply.member_id, reply.generation
        self._has_joined = False
        self._given = self._assign(reply) if reply.leader == self.id else ()
        self._leads_since = self.shard.topics.version if reply.leader == self.id else None

    def _heard_sync(self, reply: Any) -> None:
        if not isinstance(reply, SyncReply):
            self._refused(reply)
            return
        read = read_assignment(reply.assignment)
        assert read is not None
        found = ((self.shard.topics.find(topic), indexes) for topic, indexes in read.partitions.items())
        assigned = flatten((topic.id, indexes) for topic, indexes in found if topic is not None)
        gave_up = self.owned - assigned
        self.owned = assigned
        self._has_joined = True
        if gave_up and self._cooperative:
            self._rejoin()

    def _heard_heartbeat(self, reply: Any) -> None:
        if reply is not None:
            self._refused(reply)
        elif self._said != self.topics or self._leads_since not in (None, self.shard.topics.version):
            self._rejoin()

    def _refused(self, error: Any) -> None:
        if isinstance(error, RebalanceInProgress):
            self._rejoin()
        else:
            self._drop(error)

    def _rejoin(self) -> None:
        self.generation = -1
        self._has_joined = False

    def _drop(self, error: Any) -> None:
        self.owned = NO_PARTITIONS
        if isinstance(error, UnknownMember | GroupNotFound | FencedInstance):
            self.id = ""
        self._rejoin()

    def _named(self, partitions: Partitions) -> dict[str, tuple[int, ...]]:
        found = ((self.shard.topics.find_id(topic_id), tuple(part)) for topic_id, part in by_topic(partitions).items())
        return {topic.name: indexes for topic, indexes in found if topic is not None}

    def _assign(self, reply: JoinReply) -> tuple[GivenAssignment, ...]:
        """As the leader: partitions in turn to who subscribes; a cooperative one leaves out what others still have."""
        said = {member.member_id: read_subscription(member.metadata) for member in reply.members}
        given: dict[str, dict[str, list[int]]] = {member_id: {} for member_id in said}
        for name in self.shard.topics.names():
            topic = self.shard.topics.find(name)
            takers = sorted(member_id for member_id, wanted in said.items() if wanted and name in wanted.topics)
            for index in range(topic.partition_count if topic and takers else 0):
                taker = takers[index % len(takers)]
                others = [wanted for member_id, wanted in said.items() if wanted and member_id != taker]
                if not self._cooperative or all(index not in other.owned.get(name, ()) for other in others):
                    given[taker].setdefault(name, []).append(index)
        return tuple(
            GivenAssignment(member_id, write_assignment(Assignment({n: tuple(p) for n, p in partitions.items()})))
            for member_id, partitions in given.items()
        )
