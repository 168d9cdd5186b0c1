"""Histories of groups in virtual time: members of both protocols, faults, changes of topics, restarts of the broker.

At any time: no partition has two owners who are members; epochs do not go back; who is fenced gets nothing; what is
stored is what there is. After the faults: all come to rest, with every partition read by one member that wants it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cordwood.groups.classic.transitions import State
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.offset_checks import check_commit
from cordwood.groups.consumer.states import GroupState, state_of
from cordwood.groups.shard import Shard
from cordwood.model.errors import CordwoodError
from tests.groups.consumer.clients import ClassicClient, Lost, ModernClient
from tests.groups.consumer.shard import FakeShard
from tests.groups.topics import FakeTopics

TOPICS = ("alpha", "alps", "beta")
CONVERGENCE_MS = 300_000
INDEXES = st.integers(0, 7)
LOSSES = st.sampled_from([Lost.NOTHING, Lost.NOTHING, Lost.REQUEST, Lost.REPLY])
SUBSCRIPTIONS = st.frozensets(st.sampled_from(TOPICS), min_size=1)
REGEXES = st.sampled_from([None, None, "al.*"])


class Histories(RuleBasedStateMachine):
    """One group "g" and its consumers."""

    def __init__(self) -> None:
        super().__init__()
        self.shard = FakeShard(FakeTopics(alpha=3))
        self.clients: list[Any] = []
        self.paused: list[Any] = []
        self.instances = 0
        self.names = 0
        self.epoch = 0
        self.cooperative = False

    @initialize(cooperative=st.booleans(), modern=st.integers(0, 2), classic=st.integers(0, 2))
    def begin(self, cooperative, modern, classic):
        self.cooperative = cooperative
        for _ in range(classic):
            self.new_classic(frozenset({"alpha"}), static=False)
        self._run(9_000)
        for _ in range(modern):
            self.new_modern(frozenset({"alpha", "beta"}), None, static=False)

    # Members.

    @precondition(lambda self: len(self.clients) < 6)
    @rule(topics=SUBSCRIPTIONS, regex=REGEXES, static=st.booleans())
    def new_modern(self, topics, regex, static):
        client = self._modern(topics, self._instance_id() if static else None)
        client.regex = regex
        self.clients.append(client)

    @precondition(lambda self: len(self.clients) < 6)
    @rule(topics=SUBSCRIPTIONS, static=st.booleans())
    def new_classic(self, topics, static):
        self.clients.append(self._classic(topics, self._instance_id() if static else None))

    @precondition(lambda self: self.clients)
    @rule(index=INDEXES, lost=LOSSES)
    def act(self, index, lost):
        self.clients[index % len(self.clients)].act(lost)

    @precondition(lambda self: self.clients)
    @rule(index=INDEXES, topics=SUBSCRIPTIONS, regex=REGEXES)
    def subscribe(self, index, topics, regex):
        self.clients[index % len(self.clients)].subscribe(topics, regex)

    @precondition(lambda self: self.clients)
    @rule(index=INDEXES, lost=LOSSES)
    def leave(self, index, lost):
        self.clients.pop(index % len(self.clients)).leave(-1, lost)

    @precondition(lambda self: any(client.instance_id for client in self.clients))
    @rule(index=INDEXES, lost=LOSSES, modern=st.booleans())
    def restart_static(self, index, lost, modern):
        """Another process takes over the instance id, perhaps by the other protocol."""
        static = [client for client in self.clients if client.instance_id]
        client = static[index % len(static)]
        client.leave(-2, lost)
        make = self._modern if modern else self._classic
        self.clients[self.clients.index(client)] = make(client.topics, client.instance_id)

    @precondition(lambda self: self.clients)
    @rule(index=INDEXES)
    def die(self, index):
        self.clients.pop(index % len(self.clients))

    @precondition(lambda self: self.clients)
    @rule(index=INDEXES)
    def pause(self, index):
        self.paused.append(self.clients.pop(index % len(self.clients)))

    @precondition(lambda self: self.paused)
    @rule()
    def resume(self):
        self.clients.append(self.paused.pop())

    def _modern(self, topics, instance_id):
        self.names += 1
        return ModernClient(self.shard, f"m{self.names}", topics, instance_id)

    def _classic(self, topics, instance_id):
        return ClassicClient(self.shard, topics, instance_id, cooperative=self.cooperative)

    def _instance_id(self):
        self.instances += 1
        return f"i{self.instances}"

    # The rest of the world.

    @rule(name=st.sampled_from(TOPICS), count=st.integers(1, 4))
    def put_topic(self, name, count):
        topic = self.shard.topics.find(name)
        self.shard.topics.put(name, max(count, topic.partition_count if topic else 0))

    @precondition(lambda self: any(True for _ in self.shard.topics.names()))
    @rule()
    def remove_topic(self):
        self.shard.topics.remove(next(iter(self.shard.topics.names())))

    @rule(seconds=st.sampled_from([1, 3, 10, 30]))
    def pass_time(self, seconds):
        self._run(seconds * 1000)

    @rule()
    def restart_broker(self):
        self._check_stored()
        self.shard.restart()

    # What must hold.

    @invariant()
    def no_partition_has_two_owners(self):
        members = [client for client in (*self.clients, *self.paused) if client.is_known()]
        owners = Counter(partition for client in members for partition in client.owned)
        twice = {partition: count for partition, count in owners.items() if count > 1}
        assert not twice, f"{twice} of {[(client.id, client.owned) for client in members]}"

    @invariant()
    def epochs_do_not_go_back(self):
        group = self.shard.groups.get("g")
        if not isinstance(group, ConsumerGroup):
            self.epoch = 0
            return
        assert group.epoch >= self.epoch
        assert group.target_epoch <= group.epoch
        assert all(member.epoch <= group.target_epoch for member in group.members.values())
        self.epoch = group.epoch

    @invariant()
    def indexes_agree_with_members(self):
        for group in self.shard.groups.values():
            if isinstance(group, ConsumerGroup):
                owned = {p: m.id for m in group.members.values() for p in m.assigned | m.revoking}
                assert group.owners == owned
                assert sum(len(m.assigned | m.revoking) for m in group.members.values()) == len(owned)
                assert set(group.targets) <= set(group.members)

    @invariant()
    def the_fenced_can_commit_nothing(self):
        group = self.shard.groups.get("g")
        if isinstance(group, ConsumerGroup) and group.members:
            for client in (*self.clients, *self.paused):
                if client.id not in group.members:
                    with pytest.raises(CordwoodError):
                        check_commit(group, client.id, None, getattr(client, "epoch", 1), transactional=False)

    def teardown(self):
        """Faults stop."""
        self.clients += self.paused
        self.paused = []
        self._check_stored()
        waited_ms = 0
        while not self._is_at_rest():
            assert waited_ms < CONVERGENCE_MS, self._situation()
            self._run(1_000)
            waited_ms += 1_000
        self._run(60_000)
        assert self._is_at_rest(), self._situation()
        assert not self.shard.owed, self._situation()
        self._check_stored()

    def _run(self, duration_ms):
        """Everybody does what is due, second by second."""
        for _ in range(duration_ms // 1000):
            self.shard.advance(1_000)
            for client in self.clients:
                if client.due_ms <= self.shard.now_ms:
                    client.act()
                    self.epochs_do_not_go_back()
            self.no_partition_has_two_owners()

    def _is_at_rest(self):
        wanted = set()
        for name in self.shard.topics.names():
            topic = self.shard.topics.find(name)
            if any(client.wants(name) for client in self.clients):
                wanted |= {(topic.id, index) for index in range(topic.partition_count)}
        read = Counter(partition for client in self.clients for partition in client.owned)
        if read != Counter(wanted) or not all(client.is_known() for client in self.clients):
            return False
        group = self.shard.groups.get("g")
        if not isinstance(group, ConsumerGroup):
            return group is None or group.state in (State.STABLE, State.EMPTY)
        rest = GroupState.STABLE if self.clients else GroupState.EMPTY
        return state_of(group) is rest and len(group.members) == len(self.clients)

    def _check_stored(self):
        """What is stored comes to what there is, but for what is soft."""
        twin = Shard()
        for record in self.shard.stored:
            twin.replay(record)
        found, live = twin.groups.get("g"), self.shard.groups.get("g")
        if isinstance(live, ConsumerGroup):
            assert isinstance(found, ConsumerGroup)
            found.topics_version, found.awaited = live.topics_version, live.awaited
            assert found == live

    def _situation(self):
        group = self.shard.groups.get("g")
        members = getattr(group, "members", None)
        epochs = (getattr(group, "epoch", None), getattr(group, "target_epoch", None))
        return f"{group} {epochs} {members} clients: {[vars(client) for client in self.clients]}"


Histories.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestHistories = Histories.TestCase
