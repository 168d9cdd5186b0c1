"""What every Storage must do, shown on the one in memory: what is read is what was written."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cordwood.raft.configuration import Configuration
from cordwood.raft.entries import within
from cordwood.raft.errors import Compacted, Unavailable
from cordwood.raft.memory_storage import MemoryStorage
from cordwood.raft.state import Snapshot
from cordwood.raft.storage import Storage
from tests.raft.cluster import normal


class StorageMachine(RuleBasedStateMachine):
    """A storage against a dict of entries and the place that the log follows."""

    def __init__(self):
        super().__init__()
        self.storage = self.make()
        self.entries = {}
        self.start = (0, 0)
        self.term = 1

    def make(self) -> MemoryStorage:
        storage: Storage = MemoryStorage()
        assert isinstance(storage, MemoryStorage)
        return storage

    @property
    def last(self):
        return max(self.entries, default=self.start[0])

    @rule(back=st.integers(0, 3), count=st.integers(1, 4), size=st.integers(0, 9), step=st.integers(0, 1))
    def append(self, back, count, size, step):
        self.term += step
        first = max(self.start[0] + 1, self.last + 1 - back)
        entries = [normal(index, self.term, bytes(size)) for index in range(first, first + count)]
        self.storage.append(entries)
        self.entries = {index: entry for index, entry in self.entries.items() if index < first}
        self.entries.update({entry.index: entry for entry in entries})

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def compact(self, data):
        index = data.draw(st.integers(self.start[0] + 1, self.last))
        if index > self.storage.snapshot().index:
            self.storage.create_snapshot(index, Configuration(frozenset({1})))
        self.storage.compact(index)
        self.start = (index, self.entries[index].term)
        self.entries = {at: entry for at, entry in self.entries.items() if at > index}

    @rule(ahead=st.integers(1, 3))
    def install(self, ahead):
        index = self.storage.snapshot().index + ahead
        self.storage.install_snapshot(Snapshot(index, self.term, Configuration(frozenset({1}))))
        self.start, self.entries = (index, self.term), {}

    @rule(data=st.data(), limit=st.integers(0, 200))
    def read(self, data, limit):
        if self.entries:
            start = data.draw(st.integers(self.start[0] + 1, self.last))
            end = data.draw(st.integers(start + 1, self.last + 1))
            expected = within([self.entries[index] for index in range(start, end)], limit)
            assert list(self.storage.entries(start, end, limit)) == list(expected)

    @invariant()
    def reads_what_was_written(self):
        storage = self.storage
        assert (storage.first_index(), storage.last_index()) == (self.start[0] + 1, self.last)
        terms = {self.start[0]: self.start[1], **{index: entry.term for index, entry in self.entries.items()}}
        assert {index: storage.term(index) for index in terms} == terms
        assert storage.snapshot().index >= storage.first_index() - 1

    @invariant()
    def what_is_not_there_is_an_error(self):
        with pytest.raises(Unavailable):
            self.storage.term(self.last + 1)
        with pytest.raises(Unavailable):
            self.storage.entries(self.last + 1, self.last + 2, 100)
        with pytest.raises(Compacted):
            self.storage.term(self.start[0] - 1)
        with pytest.raises(Compacted):
            self.storage.entries(self.start[0], self.last + 1, 100)


TestStorageMachine = StorageMachine.TestCase
