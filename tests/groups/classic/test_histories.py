"""Histories of classic groups in virtual time: clients that come, go, stop and restart, and a broker that dies.

Whatever happens: a generation has one leader and one protocol, everybody is given its own share of it, generations do
not go back, whoever is out can do nothing, and every request is answered once. When nothing more goes wrong, all who
live are members of one stable group within bounded time. (The shell checks after every step that what is stored brings
back the stable group.)
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cordwood.groups.classic.transitions import State
from cordwood.groups.settings import GroupSettings
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import FencedInstance
from tests.groups.classic.clients import Client, Phase
from tests.groups.classic.shell import Shell, heartbeat, sync

TIMEOUTS = st.tuples(st.sampled_from([6_000, 10_000, 45_000]), st.sampled_from([5_000, 30_000, 60_000]))
PROTOCOLS = st.sampled_from([("range",), ("range", "sticky"), ("sticky", "range")])
CLIENTS = st.tuples(st.booleans(), st.sampled_from([0, 5, 9]), TIMEOUTS, PROTOCOLS)
PICK = st.integers(0, 99)
MOST_CLIENTS = 6


class Histories(RuleBasedStateMachine):
    """The model is what clients were told."""

    def __init__(self) -> None:
        super().__init__()
        self.clients: list[Client] = []
        # Once for each life of the broker: a generation that was not stored may be begun again by the next one.
        self.leaders: dict[int, str] = {}
        self.chosen: dict[int, str] = {}
        self.newest_generation = 0
        # Identities that are out of the group for good.
        self.gone: list[tuple[str, str | None, int]] = []

    @initialize(
        delay_ms=st.sampled_from([0, 3_000]),
        max_size=st.sampled_from([1_000, 1_000, 1_000, 3]),
        arrivals=st.lists(CLIENTS, min_size=1, max_size=4),
    )
    def begin(self, delay_ms, max_size, arrivals):
        self.shell = Shell(GroupSettings(initial_rebalance_delay_ms=delay_ms, max_size=max_size))
        for arrival in arrivals:
            self._arrive(*arrival)

    # What clients do.

    @precondition(lambda self: sum(client.is_alive for client in self.clients) < MOST_CLIENTS)
    @rule(arrival=CLIENTS)
    def arrive(self, arrival):
        self._arrive(*arrival)

    @rule(picks=st.lists(st.integers(0, MOST_CLIENTS - 1), min_size=1, max_size=8))
    def act(self, picks):
        for pick in picks:
            for client in self._picked(2 * pick):
                self._act(client)

    @rule(seconds=st.integers(1, 8))
    def go_on(self, seconds):
        for _ in range(seconds):
            self._second(self.clients)

    @rule(seconds=st.integers(1, 8))
    def go_on_without_the_leader(self, seconds):
        for _ in range(seconds):
            self._second([client for client in self.clients if not self._leads(client)])

    @rule(pick=PICK)
    def leave(self, pick):
        for client in self._picked(pick):
            if client.member_id:
                self._retire(client)
                self.shell.told(client.leave())
            client.phase = Phase.DEAD
        self._hear()

    @precondition(lambda self: sum(client.is_alive for client in self.clients) > 2)
    @rule(pick=PICK)
    def die(self, pick):
        for client in self._picked(pick):
            client.phase = Phase.DEAD

    @rule(pick=PICK)
    def pause_or_go_on(self, pick):
        for client in self._picked(pick):
            client.paused = not client.paused

    @rule(pick=PICK)
    def lose_connection(self, pick):
        for client in self._picked(pick):
            client.lose()

    @rule(pick=PICK)
    def restart_client(self, pick):
        for client in self._picked(pick):
            if client.instance_id is not None:
                self._retire(client)
            client.begin_anew()

    @rule(pick=PICK)
    def subscribe_anew(self, pick):
        for client in self._picked(pick):
            if client.phase is Phase.STABLE and not client.paused:
                client.subscription += 1
                client.phase = Phase.JOIN
                self._act(client)

    # What else happens.

    @rule(by_ms=st.sampled_from([1, 1_000, 3_000, 5_000, 9_000]))
    def pass_time(self, by_ms):
        self.shell.advance(by_ms)
        self._hear()

    @rule()
    def restart_broker(self):
        self.shell.restart()
        self.leaders.clear()
        self.chosen.clear()
        self.newest_generation = self.shell.group.generation if self.shell.groups else 0
        for client in self.clients:
            if client.is_alive:
                client.lose()

    @precondition(lambda self: self.gone)
    @rule(pick=PICK)
    def haunt(self, pick):
        member_id, instance_id, generation = self.gone[pick % len(self.gone)]
        self._refused_everything(member_id, instance_id, generation)

    @rule(pick=PICK, behind=st.integers(1, 2))
    def speak_of_another_generation(self, pick, behind):
        for client in self._picked(pick):
            if client.generation >= 0 and client.member_id in self._members():
                for generation in (client.generation - behind, self.shell.group.generation + behind):
                    if generation != self.shell.group.generation:
                        self._refused(client.member_id, client.instance_id, generation)

    # What always holds.

    @invariant()
    def generations_do_not_go_back(self):
        generation = self.shell.group.generation if self.shell.groups else 0
        assert generation >= self.newest_generation
        self.newest_generation = generation

    @invariant()
    def a_stable_member_has_its_own_share(self):
        for client in self.clients:
            if client.phase is Phase.STABLE:
                key = (client.instance_id or client.member_id).encode()
                assert client.share is not None
                assert client.share.split(b":") == [b"%d" % client.generation, key]

    def teardown(self):
        """Nothing more goes wrong: all who live become members of one stable group, and nobody is left waiting."""
        if not hasattr(self, "shell"):
            return
        for client in self.clients:
            client.paused = False
        for _ in range(600):
            if self._is_settled():
                break
            self._second(self.clients)
        assert self._is_settled(), [(client.name, client.phase, client.member_id) for client in self.clients]
        assert not self.shell.owed
        for identity in self.gone:
            self._refused_everything(*identity)

    def _is_settled(self) -> bool:
        alive = [client for client in self.clients if client.is_alive]
        if not alive or not self.shell.groups:
            return not alive and (not self.shell.groups or self.shell.state is State.EMPTY)
        members = set(self.shell.group.members)
        return (
            self.shell.state is State.STABLE
            and all(client.phase is Phase.STABLE for client in alive)
            and {client.generation for client in alive} == {self.shell.group.generation}
            and {client.member_id for client in alive} == members
        )

    # Between clients and broker.

    def _second(self, clients: list[Client]) -> None:
        for client in list(clients):
            self._act(client)
        self.shell.advance(1_000)
        self._hear()

    def _leads(self, client: Client) -> bool:
        return bool(self.shell.groups) and client.is_alive and client.member_id == self.shell.group.leader

    def _arrive(self, static: bool, version: int, timeouts_ms: tuple[int, int], protocols: tuple[str, ...]) -> None:
        name = f"client{len(self.clients)}"
        self.clients.append(Client(name, name if static else None, version, timeouts_ms, protocols))
        self._act(self.clients[-1])

    def _picked(self, pick: int) -> list[Client]:
        """One client; an odd pick is of those who wait for an answer, if there are any, for there most can go wrong."""
        alive = [client for client in self.clients if client.is_alive]
        waiting = [client for client in alive if client.phase in (Phase.JOINING, Phase.SYNCING)]
        chosen = waiting if waiting and pick % 2 else alive
        return [chosen[pick // 2 % len(chosen)]] if chosen else []

    def _act(self, client: Client) -> None:
        if not client.paused:
            client.act(self.shell.ask)
            self._hear()

    def _hear(self) -> None:
        for client in self.clients:
            if client.is_alive and not client.paused and client.ticket in self.shell.answers:
                self._deliver(client, self.shell.answers[client.ticket])

    def _deliver(self, client: Client, answer: Any) -> None:
        client.hear(answer)
        if client.phase is Phase.SYNC and client.reply is not None:
            reply = client.reply
            assert self.chosen.setdefault(reply.generation, reply.protocol) == reply.protocol
            if reply.leader == client.member_id and not reply.skip_assignment:
                assert self.leaders.setdefault(reply.generation, client.member_id) == client.member_id
                assert client.member_id in {member.member_id for member in reply.members}

    def _retire(self, client: Client) -> None:
        """The client will never again be who it is now; a static one only once somebody has its name under another id."""
        if client.member_id:
            self.gone.append((client.member_id, client.instance_id, client.generation))

    def _refused_everything(self, member_id: str, instance_id: str | None, generation: int) -> None:
        if member_id in self._members():
            return  # A static member that restarted and has not come back: its place is still its own.
        self._refused(member_id, instance_id, generation)
        if self.shell.groups:
            self._refused(member_id, instance_id, self.shell.group.generation)

    def _members(self) -> Container[str]:
        return self.shell.group.members if self.shell.groups else ()

    def _refused(self, member_id: str, instance_id: str | None, generation: int) -> None:
        """Who says so can do nothing, and is told that it is fenced if somebody has its name."""
        has_heir = self.shell.groups and self.shell.group.instances.get(instance_id or "", member_id) != member_id
        wanted = FencedInstance if has_heir else CordwoodError
        before = len(self.shell.records)
        assert isinstance(self.shell.told(heartbeat(member_id, generation, instance_id)), wanted)
        assert isinstance(self.shell.told(sync(member_id, generation, instance_id=instance_id)), wanted)
        if self.shell.groups and generation >= 0:
            with pytest.raises(wanted):
                self.shell.commit(member_id, instance_id, generation)
        assert len(self.shell.records) == before


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
