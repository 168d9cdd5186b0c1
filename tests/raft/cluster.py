"""Nodes whose messages are delivered at once, for tests of one thing at a time.

Lives here: `Cluster`, with synchronous storage, no losses but those that a test asks for, and no chance.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from cordwood.raft import (
    Configuration,
    Entry,
    EntryKind,
    MemoryStorage,
    Message,
    NodeId,
    RaftConfig,
    RaftNode,
    ReadState,
    Ready,
    Role,
    bootstrap_snapshot,
)
from cordwood.raft.core import Raft
from cordwood.raft.errors import UnknownPeer


def ids(*nodes: NodeId) -> frozenset[NodeId]:
    return frozenset(nodes)


def lot(limit: int) -> int:
    """The shortest election timeout."""
    return 0


def normal(index: int, term: int, data: bytes = b"") -> Entry:
    return Entry(index, term, EntryKind.NORMAL, data)


def storage_of(*terms: int, configuration: Configuration | None = None) -> MemoryStorage:
    """A storage with a snapshot at 1 of term 1, and behind it entries of these terms."""
    storage = MemoryStorage(bootstrap_snapshot(configuration or Configuration(ids(1, 2, 3))))
    storage.append([normal(index, term) for index, term in enumerate(terms, 2)])
    return storage


def raft(node: NodeId = 1, storage: MemoryStorage | None = None, trace: list[str] | None = None, **config) -> Raft:
    """The core of one node."""
    lines: list[str] = trace if trace is not None else []
    return Raft(RaftConfig(node, **config), storage or storage_of(), lot, lines.append)


class Cluster:
    """Nodes by id. `drop` says which messages are lost; `sent` is every message that was delivered."""

    def __init__(self, *nodes: NodeId, configuration: Configuration | None = None, **config) -> None:
        self.configuration = configuration or Configuration(frozenset(nodes))
        self.config = config
        self.storages: dict[NodeId, MemoryStorage] = {}
        self.nodes: dict[NodeId, RaftNode] = {}
        self.applied: dict[NodeId, list[bytes]] = {}
        self.reads: dict[NodeId, list[ReadState]] = {}
        self.trace: list[str] = []
        self.sent: list[Message] = []
        self.drop: Callable[[Message], bool] = lambda message: False
        for node in nodes:
            self.add(node, storage_of(configuration=self.configuration))

    def add(self, node: NodeId, storage: MemoryStorage | None = None) -> RaftNode:
        """Starts a node, with nothing if no storage is given."""
        self.storages[node] = storage or MemoryStorage()
        self.applied.setdefault(node, [])
        self.reads.setdefault(node, [])
        self.nodes[node] = RaftNode(
            RaftConfig(node, **self.config), self.storages[node], lambda limit: (node - 1) % limit, self.trace.append
        )
        return self.nodes[node]

    def restart(self, node: NodeId) -> RaftNode:
        """Starts a node again from its storage."""
        self.applied[node] = []
        return self.add(node, self.storages[node])

    def __getitem__(self, node: NodeId) -> RaftNode:
        return self.nodes[node]

    def raft(self, node: NodeId) -> Raft:
        return self.nodes[node]._raft

    def settle(self) -> Cluster:
        """Lets everything happen that is to happen without time."""
        while any(node.has_ready() for node in self.nodes.values()):
            for node in list(self.nodes):
                if self.nodes[node].has_ready():
                    self._deliver(self.handle(node))
        return self

    def _deliver(self, messages: list[Message]) -> None:
        for message in messages:
            if message.to in self.nodes and not self.drop(message):
                self.sent.append(message)
                with suppress(UnknownPeer):  # a removed node's answer
                    self.nodes[message.to].step(message)

    def handle(self, node: NodeId) -> list[Message]:
        """Does what one node wants done; returns its messages."""
        ready: Ready = self.nodes[node].ready()
        messages = list(ready.messages)
        if ready.append:
            write(self.storages[node], ready.append)
            messages += ready.append.replies
        for entry in ready.apply.entries if ready.apply else ():
            if entry.kind is EntryKind.CONF_CHANGE:
                self.nodes[node].apply_conf_change(entry)
            elif entry.data:
                self.applied[node].append(entry.data)
        self.reads[node] += ready.read_states
        self.nodes[node].advance(ready)
        return messages

    def tick(self, count: int = 1, *nodes: NodeId) -> Cluster:
        """Lets time pass, for these nodes or for all, and everything settle after each tick."""
        for _ in range(count):
            for node in nodes or tuple(self.nodes):
                self.nodes[node].tick()
            self.settle()
        return self

    def elect(self, node: NodeId) -> RaftNode:
        """Makes a node the leader."""
        self.nodes[node].campaign()
        self.settle()
        assert self.nodes[node].status().role is Role.LEADER, self.trace
        return self.nodes[node]

    def cut(self, *nodes: NodeId) -> None:
        """Nothing gets to these nodes or from them any more."""
        self.drop = lambda message: message.to in nodes or message.sender in nodes

    def heal(self) -> None:
        self.drop = lambda message: False

    def roles(self) -> dict[NodeId, Role]:
        return {node: self.nodes[node].status().role for node in self.nodes}


def write(storage: MemoryStorage, append) -> None:
    """Does a job of the thread that writes."""
    if append.snapshot:
        storage.install_snapshot(append.snapshot)
    storage.append(append.entries)
    if append.hard_state:
        storage.set_hard_state(append.hard_state)
