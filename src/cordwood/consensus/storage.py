"""The durable log of one node, as Raft reads it and as the driver writes it.

      snapshot file          raft log (raftlog)
      state up to 40    |  purged 30 | 31 32 ... 40 ... 57 |        first_index 31, last_index 57

      entry    -> Append, log id (term, index), payload: kind (1 byte) | data
      term and vote -> SaveVote (term, node)      commit index -> Commit, lazily

Lives here: what of Raft's becomes which record, and how snapshot and log are brought together when they are opened.
Must not live here: when to sync (driver.py), snapshot files (snapshots.py).

1. A snapshot is durable as a file before the log is cut behind it. So a crash leaves too much log, never too little.
2. Where the log does not have the snapshot's last entry, the snapshot takes the place of the whole log.
3. The raft log is asked only for what it has; its own cache is the only one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from cordwood.consensus.snapshots import SnapshotFiles
from cordwood.model.errors import CorruptLog
from cordwood.raft import Configuration, Entry, EntryKind, HardState, Index, Position, Snapshot, StorageAppend, Term
from cordwood.raft.errors import Compacted, LogDamaged, Unavailable
from cordwood.raftlog.raft_log import RaftLog

Log: TypeAlias = RaftLog[tuple[int, int], tuple[int, int], bytes, bytes]

READ_ENTRIES: Final = 256
"""So many entries are asked for at once, until a page is full."""

NO_SNAPSHOT: Final = Snapshot(0, 0, Configuration())
"""What a member that joins later starts with."""

_KINDS: Final = {bytes([kind]): kind for kind in EntryKind}
_PREFIXES: Final = {kind: prefix for prefix, kind in _KINDS.items()}


class GroupStorage:
    """Raft's Storage over a raft log and a directory of snapshots."""

    def __init__(self, log: Log, snapshots: SnapshotFiles) -> None:
        """Brings both together. Raises CorruptLog where entries are missing between them, StorageFailed."""
        self.log = log
        self.snapshots = snapshots
        self._snapshot = snapshots.newest() or NO_SNAPSHOT
        state = log.log_state()
        if state.purged is not None and state.purged[1] > self._snapshot.index:
            raise CorruptLog(
                snapshots.path,
                0,
                f"the log begins behind entry {state.purged[1]}, the newest whole snapshot ends at "
                f"{self._snapshot.index}: {'; '.join(map(str, snapshots.damaged)) or 'a file is missing'}",
            )
        self._first = 1 if state.purged is None else state.purged[1] + 1
        self._before_first = 0 if state.purged is None else state.purged[0]
        self._last_term, self._last = state.last or (0, 0)
        self._of_last_term = self._last
        """From here on all entries have the term of the last one: Raft asks for the terms at the end again and again."""
        if state.purged is None or not self._has(self._snapshot.position):
            self._replace_log(self._snapshot.position)

    def _has(self, position: Position) -> bool:
        at = position.index
        return self._first - 1 <= at <= self._last and self.term(at) == position.term

    # What Raft reads.

    def initial_state(self) -> tuple[HardState, Configuration]:
        state, snapshot = self.log.log_state(), self._snapshot
        term, vote = state.vote or (0, 0)
        last_term = 0 if state.last is None else state.last[0]
        if last_term > term:
            # The job that wrote these entries was not finished, so nobody was told of a vote in their term.
            term, vote = last_term, 0
        commit = 0 if state.committed is None else state.committed[1]
        return HardState(term, vote, max(commit, snapshot.index)), snapshot.configuration

    def first_index(self) -> Index:
        return self._first

    def last_index(self) -> Index:
        return self._last

    def term(self, index: Index) -> Term:
        if index < self._first:
            if index < self._first - 1:
                raise Compacted(index, self._first)
            return self._before_first
        if index > self._last:
            raise Unavailable(index, self._last)
        if index >= self._of_last_term:
            return self._last_term
        return self.log.log_id(index)[0]

    def entries(self, start: Index, end: Index, max_size: int) -> Sequence[Entry]:
        if start < self._first:
            raise Compacted(start, self._first)
        if end > self._last + 1:
            raise Unavailable(end - 1, self._last)
        found: list[Entry] = []
        size = 0
        for page in range(start, end, READ_ENTRIES):
            for (term, index), payload in self.log.read(page, min(page + READ_ENTRIES, end)):
                entry = Entry(index, term, _KINDS[payload[:1]], payload[1:])
                size += entry.size
                if size > max_size and found:
                    return found
                found.append(entry)
        return found

    def snapshot(self) -> Snapshot:
        return self._snapshot

    # What the driver writes. Nothing of it is durable before the log was flushed.

    def write(self, job: StorageAppend) -> None:
        """Puts a job into the log, in the order in which a crash may leave a part of it. Raises StorageFailed."""
        if job.snapshot:
            self.install(job.snapshot)
        if job.entries:
            self._append(job.entries)
        if job.hard_state:
            self._keep(job.hard_state)

    def install(self, snapshot: Snapshot) -> None:
        """A snapshot whose file is durable takes the place of the whole log."""
        self._snapshot = snapshot
        self._replace_log(snapshot.position)

    def _replace_log(self, position: Position) -> None:
        """Empties the log, which then goes on behind `position`; what is committed is in a snapshot."""
        state = self.log.log_state()
        kept = max(index for _, index in (state.committed or (0, 0), state.purged or (0, 0), (0, 0)))
        if state.purged is not None and self._last > kept:
            self.log.truncate(kept + 1)
        log_id = (position.term, position.index)
        self.log.purge(log_id)
        if self.log.log_state().last != log_id:
            raise LogDamaged(f"the snapshot at {log_id} contradicts what is committed: {state.committed}")
        self._first, self._before_first = position.index + 1, position.term
        self._last_term, self._last = log_id
        self._of_last_term = self._last

    def _append(self, entries: Sequence[Entry]) -> None:
        if entries[0].index <= self._last:
            self.log.truncate(entries[0].index)
        self.log.append([((entry.term, entry.index), _PREFIXES[entry.kind] + entry.data) for entry in entries])
        self._note_end(entries)

    def _note_end(self, entries: Sequence[Entry]) -> None:
        """The log ends with these entries."""
        last = entries[-1]
        goes_on = entries[0].term == last.term  # Terms never go back, so all of them have it.
        if not goes_on:
            self._of_last_term = next(entry.index for entry in entries if entry.term == last.term)
        elif last.term != self._last_term or entries[0].index < self._of_last_term:
            self._of_last_term = entries[0].index
        self._last_term, self._last = last.term, last.index

    def _keep(self, hard_state: HardState) -> None:
        state, vote = self.log.log_state(), (hard_state.term, hard_state.vote)
        if vote != state.vote:
            self.log.save_vote(vote)
        known = 0 if state.committed is None else state.committed[1]
        if hard_state.commit > max(known, self._first - 1):
            self.log.commit(self.log.log_id(hard_state.commit))

    def compact(self, snapshot: Snapshot, keep_entries: int) -> None:
        """A snapshot of the state machine is durable as a file: the log is cut some entries behind it."""
        self._snapshot = snapshot
        index = snapshot.index - keep_entries
        if index >= self._first:
            log_id = self.log.log_id(index)
            self.log.purge(log_id)
            self._first, self._before_first = index + 1, log_id[0]
