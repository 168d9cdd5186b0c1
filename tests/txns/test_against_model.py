"""Transactions under every order of requests, losses and crashes: atomic, fenced, never stuck, the same after recovery."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cordwood.model.ids import TopicPartition
from cordwood.txns.epochs import HIGHEST_OF_CLIENTS
from cordwood.txns.records import TransactionStored
from cordwood.txns.replies import Producer
from cordwood.txns.transitions import State
from tests.txns.driver import P0, P1, P2, TIMEOUT_MS
from tests.txns.machine import Client, World

IDS = ("a", "b")
PARTITIONS = (P0, P1, P2)
LOST = st.sampled_from((False, False, True))


class Transactions(RuleBasedStateMachine):
    """Four producers over two ids, of both versions of the protocol."""

    world: World

    @initialize(used=st.sampled_from((0, HIGHEST_OF_CLIENTS - 3, HIGHEST_OF_CLIENTS - 1)))
    def begin(self, used: int) -> None:
        self.world = World([TransactionStored("a", 7, used, TIMEOUT_MS, 1_000_000)])
        self.world.clients = [
            Client(number, transactional_id, version)
            for number, (transactional_id, version) in enumerate((("a", 2), ("a", 0), ("b", 2), ("b", 2)))
        ]

    def idle(self) -> list[Client]:
        """Clients that wait for no answer."""
        return [client for client in self.world.clients if client.pending is None]

    def ready(self) -> list[Client]:
        """Clients that believe that they hold their id."""
        return [client for client in self.idle() if client.producer is not None]

    def newcomers(self) -> list[Client]:
        """Clients that have no id yet, or not any more."""
        return [client for client in self.idle() if client.producer is None]

    def is_busy(self) -> bool:
        """Whether a transaction is under way, or its end."""
        transactions = self.world.driver.shard.transactions.values()
        return any(one.state is State.ONGOING or one.is_ending for one in transactions)

    @precondition(lambda self: self.newcomers())
    @rule(data=st.data(), lost=LOST)
    def init(self, data: Any, lost: bool) -> None:
        self.world.init(data.draw(st.sampled_from(self.newcomers())), goes_on=False, lost=lost)

    @precondition(lambda self: self.ready())
    @rule(data=st.data(), goes_on=st.booleans(), lost=LOST, is_wanted=st.sampled_from((False, False, True)))
    def init_again(self, data: Any, goes_on: bool, lost: bool, is_wanted: bool) -> None:
        if is_wanted:  # Otherwise nobody would ever get anything done.
            self.world.init(data.draw(st.sampled_from(self.ready())), goes_on=goes_on, lost=lost)

    @precondition(lambda self: self.ready())
    @rule(data=st.data(), partitions=st.sets(st.sampled_from(PARTITIONS)), is_late=st.booleans())
    def write(self, data: Any, partitions: set[TopicPartition], is_late: bool) -> None:
        client = data.draw(st.sampled_from(self.ready()))
        for partition in sorted(partitions):
            if client.producer is not None:
                self.world.write(client, partition, is_late=is_late)

    @precondition(lambda self: self.ready())
    @rule(data=st.data(), committed=st.booleans(), lost=LOST)
    def end(self, data: Any, committed: bool, lost: bool) -> None:
        client = data.draw(st.sampled_from(self.ready()))
        if committed and client.tag not in self.world.begun:
            self.world.write(client, P0, is_late=False)  # No client commits nothing.
        if client.producer is not None:
            self.world.end(client, committed=committed, lost=lost)

    @precondition(lambda self: any(client.pending for client in self.world.clients))
    @rule(data=st.data(), lost=LOST, gives_up=st.sampled_from((False, False, False, True)))
    def ask_again(self, data: Any, lost: bool, gives_up: bool) -> None:
        client = data.draw(st.sampled_from([client for client in self.world.clients if client.pending]))
        command = client.pending
        assert command is not None
        if gives_up:  # The process is killed; another one takes its place.
            client.pending = client.producer = None
            client.next_tag()
        else:
            self.world.ask(client, command, lost=lost)

    @precondition(lambda self: any(True for _ in self.world.driver.shard.all_unfinished()))
    @rule(data=st.data())
    def mark(self, data: Any) -> None:
        markers = data.draw(st.sampled_from(list(self.world.driver.shard.all_unfinished())))
        left = sorted(markers.partitions - self.world.marked.get(markers[:3], set()))
        for partition in data.draw(st.permutations(left))[: data.draw(st.integers(1, len(left)))]:
            self.world.mark(markers, partition)

    @precondition(lambda self: self.world.late)
    @rule(data=st.data())
    def arrive(self, data: Any) -> None:
        self.world.arrive(self.world.late.pop(data.draw(st.integers(0, len(self.world.late) - 1))))

    @precondition(lambda self: self.world.delayed)
    @rule(data=st.data())
    def repeat(self, data: Any) -> None:
        self.world.repeat(data.draw(st.sampled_from(self.world.delayed)))

    @precondition(lambda self: self.is_busy())
    @rule(delay_ms=st.sampled_from((1, TIMEOUT_MS // 2, TIMEOUT_MS)))
    def pass_time(self, delay_ms: int) -> None:
        self.world.pass_time(delay_ms)

    @precondition(lambda self: self.is_busy())
    @rule()
    def crash(self) -> None:
        self.world.crash()

    @invariant()
    def recovery_is_the_same(self) -> None:
        if hasattr(self, "world"):
            self.world.check_recovery()
            self.world.check_outcomes()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.settle()
        self.world.check_settled()
        self.world.check_outcomes()
        for transactional_id in IDS:
            producer = self.world.driver.init(transactional_id=transactional_id)
            assert isinstance(producer, Producer), producer


TestTransactions = Transactions.TestCase
TestTransactions.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
