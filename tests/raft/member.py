"""One simulated node: the core, its disk with what is not written yet, and its state machine.

Lives here: `Member`, a driver that can crash at any moment. A crash loses the jobs that are not done; of the first of
them a part may have reached the disk.
"""

from __future__ import annotations

from collections import deque
from random import Random

from cordwood.raft import (
    Configuration,
    Entry,
    EntryKind,
    HardState,
    MemoryStorage,
    Message,
    NodeId,
    RaftConfig,
    RaftNode,
    Ready,
    Role,
    Snapshot,
    StorageAppend,
    StorageApply,
)
from tests.raft.ledger import Ledger, demand


class Member:
    """A node from its first start to the end of the run; `raft` is None while it is down."""

    def __init__(self, config: RaftConfig, storage: MemoryStorage, random: Random, ledger: Ledger) -> None:
        self.config = config
        self.storage = storage
        self.random = random
        self.ledger = ledger
        self.node: RaftNode | None = None
        self.writing: deque[tuple[Ready, StorageAppend]] = deque()
        self.applying: deque[StorageApply] = deque()
        self.state = 0
        self.applied = 0
        self.configuration = Configuration()
        self.seen_commit = 0
        self.owed: Ready | None = None

    @property
    def id(self) -> NodeId:
        return self.config.id

    @property
    def up(self) -> bool:
        return self.node is not None

    def start(self) -> None:
        """Starts from what is on disk."""
        snapshot = self.storage.snapshot()
        self._load(snapshot)
        self.seen_commit = 0
        self.node = RaftNode(self.config, self.storage, self.random.randrange)

    def crash(self) -> None:
        """Loses everything that is not on disk; some of what was on its way there may have arrived."""
        self.node = None
        self.owed = None
        self.applying.clear()
        self.ledger.seen["writes lost in a crash"] += len(self.writing)
        whole = self.random.randint(0, len(self.writing))
        for _ in range(whole):
            self._write(self.writing.popleft()[1])
        if self.writing:
            self._write_part(self.writing[0][1])
        self.writing.clear()

    def _write_part(self, job: StorageAppend) -> None:
        """Writes the beginning of a job: without the hard state, and perhaps without the last entries."""
        steps = self.random.randint(0, 1 + len(job.entries))
        if steps and job.snapshot:
            self._install(job.snapshot)
        if steps > 1:
            self._append(list(job.entries[: steps - 1]))

    def _load(self, snapshot: Snapshot) -> None:
        self.state = int.from_bytes(snapshot.data, "big")
        self.applied = snapshot.index
        self.configuration = snapshot.configuration

    def take_ready(self) -> list[Message]:
        """Takes what the node wants done; returns what may be sent at once."""
        node = self.node
        if node is None or self.owed is not None or not node.has_ready():
            return []
        ready = node.ready()
        for state in ready.read_states:
            self.ledger.answers(self.id, state.context, state.index)
        if ready.append:
            self._note_entries(ready.append)
        if self.config.async_storage:
            if ready.append:
                self.writing.append((ready, ready.append))
            if ready.apply:
                self.applying.append(ready.apply)
        else:
            self.owed = ready
            if ready.append:
                self.writing.append((ready, ready.append))
        return list(ready.messages)

    def _note_entries(self, append: StorageAppend) -> None:
        if append.entries:
            assert self.node
            before = self.node._raft.log.term_or_zero(append.entries[0].index - 1)
            self.ledger.wrote(append.entries, before)

    def work_disk(self) -> list[Message]:
        """Finishes the oldest write; returns what may be sent after it."""
        node = self.node
        if node is None:
            return []
        sent: list[Message] = []
        if self.writing:
            _, job = self.writing.popleft()
            self._write(job)
            sent = list(job.replies)
            if self.config.async_storage:
                node.appended(job)
        if self.owed is not None:
            ready, self.owed = self.owed, None
            if ready.apply:
                self._apply(ready.apply)
            node.advance(ready)
        return sent

    def work_apply(self) -> None:
        """Applies the oldest job."""
        if self.node and self.applying:
            job = self.applying.popleft()
            self._apply(job)
            self.node.applied(job)

    def _write(self, job: StorageAppend) -> None:
        if job.snapshot:
            self._install(job.snapshot)
        self._append(list(job.entries))
        if job.hard_state:
            self._keep(job.hard_state)

    def _keep(self, hard_state: HardState) -> None:
        self.ledger.persists(self.id, hard_state)
        self.storage.set_hard_state(hard_state)

    def _install(self, snapshot: Snapshot) -> None:
        self.ledger.restores(self.id, snapshot)
        demand(snapshot.index > self.applied or not self.up, f"{self.id} went back to snapshot {snapshot.index}")
        self.storage.install_snapshot(snapshot)
        self._load(snapshot)
        self.ledger.applies(self.id, snapshot.index, self.state)

    def _append(self, entries: list[Entry]) -> None:
        last = self.storage.last_index()
        for entry in entries:
            if entry.index <= last and entry.index >= self.storage.first_index():
                self.ledger.truncates(self.id, entry.index, self.storage.term(entry.index), entry.term)
        self.storage.append(entries)

    def _apply(self, job: StorageApply) -> None:
        assert self.node
        for entry in job.entries:
            if entry.index <= self.applied:
                continue  # A snapshot was faster.
            demand(entry.index == self.applied + 1, f"{self.id} applied {entry.index} after {self.applied}")
            if entry.kind is EntryKind.CONF_CHANGE:
                self.configuration = self.node.apply_conf_change(entry)
            self.state = hash((self.state, entry.index, entry.term, entry.data)) & 0xFFFF_FFFF_FFFF_FFFF
            self.applied = entry.index
            self.ledger.applies(self.id, entry.index, self.state)

    def compact(self) -> None:
        """Makes a snapshot of what is applied and on disk, and forgets some of the log."""
        index = min(self.applied, self.storage.last_index(), self.storage.initial_state()[0].commit)
        if index == self.applied and index > self.storage.snapshot().index and self.storage.term(index):
            self.storage.create_snapshot(index, self.configuration, self.state.to_bytes(8, "big"))
            keep = self.random.randint(0, 2)
            if index - keep >= self.storage.first_index():
                self.storage.compact(index - keep)

    def observe(self, disks: list[Member]) -> None:
        """Shows the ledger what is to be seen from outside."""
        if self.node is None:
            return
        raft = self.node._raft
        log = raft.log
        if raft.role is Role.LEADER:
            self.ledger.leads(self.id, raft.term, log.term_or_zero, log.first_index())
        demand(log.committed >= self.seen_commit, f"{self.id} went back from {self.seen_commit} to {log.committed}")
        if log.committed > self.seen_commit:
            span = range(self.seen_commit + 1, log.committed + 1)
            self.ledger.commits(self.id, raft.term, span, log.term_or_zero, log.first_index())
            if raft.role is Role.LEADER and log.committed >= log.first_index():
                term = log.term(log.committed)
                holders = {member.id for member in disks if member.holds(log.committed, term)}
                self.ledger.durable(log.committed, raft.tracker.configuration, holders)
            self.seen_commit = log.committed

    def holds(self, index: int, term: int) -> bool:
        """Whether an entry is on this disk."""
        if index < self.storage.first_index():
            return True
        return index <= self.storage.last_index() and self.storage.term(index) == term
