"""A node in a script: the core, what is on its disk, and the jobs of its threads.

Lives here: `Member`, which does what a Ready asks, step by step. Must not live here: the commands of scripts.
"""

from __future__ import annotations

from collections import deque

from cordwood.raft import (
    Configuration,
    EntryKind,
    MemoryStorage,
    Message,
    NodeId,
    RaftConfig,
    RaftNode,
    StorageAppend,
    StorageApply,
)
from tests.scenarios.raft.words import entries_words, ready_words


class Member:
    """One node. The election timeout is drawn by its id, so that node 1 campaigns first."""

    def __init__(self, config: RaftConfig, storage: MemoryStorage) -> None:
        self.config = config
        self.storage = storage
        self.trace: list[str] = []
        self.appends: deque[StorageAppend] = deque()
        self.applies: deque[StorageApply] = deque()
        self.configuration = Configuration()
        self.applied = 0
        self.node = self.start()

    @property
    def id(self) -> NodeId:
        return self.config.id

    def start(self) -> RaftNode:
        """Starts from what is on disk; everything else is forgotten."""
        self.appends.clear()
        self.applies.clear()
        snapshot = self.storage.snapshot()
        self.configuration, self.applied = snapshot.configuration, snapshot.index
        self.node = RaftNode(self.config, self.storage, self._below, self.trace.append)
        self.trace.clear()
        return self.node

    def _below(self, limit: int) -> int:
        return (self.config.id - 1) % limit

    def said(self) -> list[str]:
        """What the node has to tell since the last time."""
        lines = list(self.trace)
        self.trace.clear()
        return lines

    def ready(self) -> tuple[list[str], list[Message]]:
        """Handles a Ready, or gives its jobs to the threads; returns what is to be seen, and what is to be sent."""
        ready = self.node.ready()
        lines = ready_words(ready)
        messages = list(ready.messages)
        if self.config.async_storage:
            self.appends += [ready.append] if ready.append else []
            self.applies += [ready.apply] if ready.apply else []
            return lines, messages
        if ready.append:
            self._write(ready.append)
            messages += ready.append.replies
        if ready.apply:
            self._apply(ready.apply)
        self.node.advance(ready)
        return lines + self.said(), messages

    def append(self) -> tuple[list[str], list[Message]]:
        """The thread that writes does its next job."""
        if not self.appends:
            return ["nothing to write"], []
        job = self.appends.popleft()
        self._write(job)
        self.node.appended(job)
        return [f"wrote {entries_words(job.entries)}", *self.said()], list(job.replies)

    def apply(self) -> list[str]:
        """The thread that applies does its next job."""
        if not self.applies:
            return ["nothing to apply"]
        job = self.applies.popleft()
        self._apply(job)
        self.node.applied(job)
        return [f"applied {entries_words(job.entries)}", *self.said()]

    def _write(self, job: StorageAppend) -> None:
        if job.snapshot:
            self.storage.install_snapshot(job.snapshot)
            self.configuration, self.applied = job.snapshot.configuration, job.snapshot.index
        self.storage.append(job.entries)
        if job.hard_state:
            self.storage.set_hard_state(job.hard_state)

    def _apply(self, job: StorageApply) -> None:
        for entry in job.entries:
            if entry.kind is EntryKind.CONF_CHANGE:
                self.configuration = self.node.apply_conf_change(entry)
            self.applied = entry.index

    def compact(self, index: int) -> None:
        """Puts a snapshot of what is applied in the place of the log up to `index`."""
        if self.storage.snapshot().index < self.applied:
            self.storage.create_snapshot(self.applied, self.configuration)
        self.storage.compact(index)
