"""A coordinator in virtual time for tests of the classic protocol: it executes results, replays records, fires timers.

It checks what no decision may break: deciding changes nothing, every request is answered once, and what is stored
brings back every stable group.
"""

from __future__ import annotations

from typing import Any

from cordwood.groups.classic.commands import Assignment, Heartbeat, Join, Leave, Leaving, Sync
from cordwood.groups.classic.commits import check_commit
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.lifecycle import loaded
from cordwood.groups.classic.member import MemberProtocol
from cordwood.groups.classic.records import GenerationBegun
from cordwood.groups.classic.replay import REPLAYS
from cordwood.groups.classic.replies import JoinReply
from cordwood.groups.classic.tables import DECISIONS, EXPIRIES
from cordwood.groups.classic.transitions import State
from cordwood.groups.embedded import Subscription, write_subscription
from cordwood.groups.record import Record
from cordwood.groups.settings import GroupSettings
from cordwood.groups.turn import Turn
from cordwood.model.decision import NO_TICKET, Result, Ticket, TimerKey
from tests.groups.topics import FakeTopics

GROUP = "g"
RANGE = (MemberProtocol("range", b"r"),)


def state_of(group: ClassicGroup) -> tuple[object, ...]:
    """All there is to a group, to compare."""
    kept = {name: getattr(group, name) for name in ClassicGroup.__slots__ if name != "_topics"}
    return tuple(
        dict(value) if name in ("instances", "pending", "support", "members") else value for name, value in kept.items()
    )


def stable_state_of(group: ClassicGroup) -> tuple[object, ...]:
    """What a restart has to give back of a stable group."""
    members = {
        member.member_id: (member.instance_id, member.assignment, member.metadata(group.protocol))
        for member in group.members.values()
    }
    return group.generation, group.protocol_type, group.protocol, group.leader, members


def replayed(records: list[Record]) -> dict[str, Any]:
    """The groups of these records."""
    groups: dict[str, Any] = {}
    for record in records:
        REPLAYS[type(record)](groups, record)
    return groups


class Shell:
    """Requests are asked and told by tickets; time passes when a test says so."""

    def __init__(self, settings: GroupSettings | None = None) -> None:
        self.settings = settings or GroupSettings(initial_rebalance_delay_ms=0)
        self.now_ms = 1_000_000
        self.groups: dict[str, Any] = {}
        self.stored: list[Any] = []
        self.records: list[Record] = []
        self.deadlines: dict[TimerKey, int] = {}
        self.owed: set[Ticket] = set()
        self.answers: dict[Ticket, Any] = {}
        self._tickets = 0
        self._ids = 0

    @property
    def group(self) -> ClassicGroup:
        return self.groups[GROUP]

    @property
    def state(self) -> State:
        return self.group.state

    def ask(self, command: Any) -> Ticket:
        """Decides the command; the ticket that its answer will have."""
        self._tickets += 1
        ticket = Ticket(self._tickets)
        self.owed.add(ticket)
        self._run(lambda turn: DECISIONS[type(command)](self.groups, command, turn), ticket)
        return ticket

    def told(self, command: Any) -> Any:
        """Decides a command that is answered at once; the answer."""
        return self.answers[self.ask(command)]

    def is_told(self, ticket: Ticket) -> bool:
        return ticket in self.answers

    def commit(self, member_id: str, instance_id: str | None, generation: int) -> None:
        """Checks a commit, and does with timers what it says. Raises what the check raises."""
        self._set(Result(timers=check_commit(self.group, member_id, instance_id, generation)))

    def advance(self, by_ms: int) -> None:
        """Lets time pass; timers run out in their order."""
        end_ms = self.now_ms + by_ms
        while due := [(when, key) for key, when in self.deadlines.items() if when <= end_ms]:
            self.now_ms, key = min(due)
            del self.deadlines[key]
            self._run(lambda turn, key=key: EXPIRIES[key[0]](self.groups, key, turn), NO_TICKET)
        self.now_ms = end_ms

    def settle(self) -> None:
        """Lets timers run out that are due now."""
        self.advance(0)

    def restart(self) -> None:
        """The broker dies and comes back with what was stored; requests under way are lost."""
        self.groups = replayed(self.stored)
        self.deadlines.clear()
        self.owed.clear()
        for group in list(self.groups.values()):
            self._run(lambda turn, group=group: loaded(group, turn), NO_TICKET)

    def execute(self, result: Result) -> None:
        """Does what a result says."""
        for record in result.records:
            REPLAYS[type(record)](self.groups, record)
            self.records.append(record)
            if record.stored:
                self.stored.append(record)
        self._set(result)
        for answer in result.answers:
            assert answer.ticket in self.owed, f"{answer} is owed to nobody, or was given before"
            self.owed.remove(answer.ticket)
            self.answers[answer.ticket] = answer.value
        self._check()
        check_generation(self.group if self.groups else None, result)

    def _set(self, result: Result) -> None:
        for timer in result.timers:
            if timer.delay_ms is None:
                self.deadlines.pop(timer.key, None)
            else:
                self.deadlines[timer.key] = self.now_ms + timer.delay_ms

    def _run(self, decide: Any, ticket: Ticket) -> None:
        before = {name: state_of(group) for name, group in self.groups.items()}
        turn = Turn(self.now_ms, ticket, self.settings, FakeTopics(), self._new_id)
        result = decide(turn)
        assert before == {name: state_of(group) for name, group in self.groups.items()}, "the decision changed a group"
        self.execute(result)

    def _check(self) -> None:
        restored = replayed(self.stored)
        for name, group in self.groups.items():
            if group.state is State.STABLE:
                assert restored[name].state is State.STABLE
                assert stable_state_of(restored[name]) == stable_state_of(group)
            check_counts(group)

    def _new_id(self) -> str:
        self._ids += 1
        return f"id{self._ids}"


def check_generation(group: ClassicGroup | None, result: Result) -> None:
    """A generation that has begun is of members that have joined; static ones may be absent, but not lead."""
    joined = {answer.value.member_id for answer in result.answers if isinstance(answer.value, JoinReply)}
    for record in result.records:
        if isinstance(record, GenerationBegun) and group is not None:
            assert {member.member_id for member in group.members.values() if not member.instance_id} <= joined
            assert record.leader in joined


def check_counts(group: ClassicGroup) -> None:
    """What the group keeps count of is what its members add up to, and members have a leader and a protocol."""
    members = list(group.members.values())
    assert group.awaiting_join == sum(member.is_joining for member in members)
    assert group.unsynced == sum(member.must_sync for member in members)
    assert {m.instance_id: m.member_id for m in members if m.instance_id} == dict(group.instances)
    names = {protocol.name for member in members for protocol in member.protocols}
    assert {name: sum(m.metadata(name) is not None for m in members) for name in names} == dict(group.support)
    assert not set(group.pending) & set(group.members)
    if members:
        assert group.leader in group.members
        assert group.protocol_type
        assert len(members) in group.support.values()
    if group.state in (State.COMPLETING_REBALANCE, State.STABLE):
        assert members
        assert group.support[group.protocol or ""] == len(members)
    if group.state is State.EMPTY:
        assert not members


# Requests, short.


def join(member_id: str = "", **changes: Any) -> Join:
    """A join of a consumer; `client` gives its id where it has none."""
    fields: dict[str, Any] = {
        "group": GROUP,
        "member_id": member_id,
        "instance_id": None,
        "client_id": "c",
        "client_host": "/host",
        "session_timeout_ms": 10_000,
        "rebalance_timeout_ms": 60_000,
        "protocol_type": "work",
        "protocols": RANGE,
    }
    return Join(**{**fields, **changes})


def subscribed(*topics: str, version: int = 0) -> MemberProtocol:
    """What a consumer of these topics says."""
    return MemberProtocol("range", write_subscription(Subscription(topics, version=version)))


def sync(member_id: str, generation: int, *given: str, **changes: Any) -> Sync:
    """A sync; each of `given` is assigned its own name."""
    assignments = tuple(Assignment(name, b"for " + name.encode()) for name in given)
    return Sync(GROUP, member_id, changes.pop("instance_id", None), generation, assignments=assignments, **changes)


def heartbeat(member_id: str, generation: int, instance_id: str | None = None) -> Heartbeat:
    """A heartbeat."""
    return Heartbeat(GROUP, member_id, instance_id, generation)


def leave(*members: str | tuple[str, str]) -> Leave:
    """Members leave, by id or by id and instance id."""
    return Leave(GROUP, tuple(Leaving(m) if isinstance(m, str) else Leaving(*m) for m in members))


def stable(shell: Shell, count: int = 1, **changes: Any) -> list[str]:
    """A stable group of new members: their ids, the leader first."""
    tickets = [shell.ask(join(**changes)) for _ in range(count)]
    shell.settle()
    replies = [shell.answers[ticket] for ticket in tickets]
    names = sorted((reply.member_id for reply in replies), key=lambda name: name != replies[0].leader)
    for name in reversed(names):
        shell.ask(sync(name, shell.group.generation, *(names if name == names[0] else ())))
    assert shell.state is State.STABLE
    return names
