"""The state of a raft log: what each call must keep to, and what each record does to it.

      purged                committed               last
        |---- entries ----------|---- entries ---------|        indexes above `purged`, up to `last`

Lives here: rules and their consequences for the state. Must not live here: where entries are (entries.py), files.

The rules are judged before anything is written, so a refused call leaves the log as it was. A record that was read back
is judged as well, but for two rules: logs of early releases of the format hold truncations below what was committed, and
commits beyond the last entry.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Generic, TypeVar, assert_never

from cordwood.model.raftlog_errors import (
    CommitBeyondLast,
    LogIdNonConsecutive,
    LogIdReversal,
    TruncateCommitted,
    VoteReversal,
)
from cordwood.raftlog.records import Append, Commit, PurgeUpto, RaftLogState, SaveVote, State, TruncateAfter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cordwood.raftlog.codecs import RaftTypes
    from cordwood.raftlog.records import Record

L = TypeVar("L")
V = TypeVar("V")
P = TypeVar("P")
U = TypeVar("U")


class LiveState(Generic[L, V, P, U]):
    """The state as it stands now; one thread changes it at a time."""

    __slots__ = ("_types", "committed", "last", "purged", "user_data", "vote")

    def __init__(self, types: RaftTypes[L, V, P, U]) -> None:
        self._types = types
        self.vote: V | None = None
        self.last: L | None = None
        self.committed: L | None = None
        self.purged: L | None = None
        self.user_data: U | None = None

    def snapshot(self) -> RaftLogState[L, V, U]:
        """The state as a value."""
        return RaftLogState(self.vote, self.last, self.committed, self.purged, self.user_data)

    def next_index(self, log_id: L | None) -> int:
        """The index after a log id: 0 after none."""
        return 0 if log_id is None else self._types.index_of(log_id) + 1

    # What a call must keep to.

    def check_vote(self, vote: V) -> None:
        """Raises VoteReversal unless the vote is at or above the saved one; votes may be incomparable."""
        if self.vote is not None and not vote >= self.vote:  # type: ignore[operator] # Whoever brings votes orders them.
            raise VoteReversal(self.vote, vote)

    def check_append(self, log_ids: Sequence[L]) -> list[int]:
        """The indexes of new entries. Raises LogIdReversal, LogIdNonConsecutive."""
        if not log_ids:
            return []
        indexes = [self.check_next(log_ids[0])]
        index_of = self._types.index_of
        for before, log_id in pairwise(log_ids):
            if log_id <= before:  # type: ignore[operator] # Log ids are ordered.
                raise LogIdReversal(before, log_id, "append")
            index = index_of(log_id)
            if index != indexes[-1] + 1:
                raise LogIdNonConsecutive(before, log_id)
            indexes.append(index)
        return indexes

    def check_next(self, log_id: L) -> int:
        """The index of a new entry. Raises LogIdReversal, LogIdNonConsecutive."""
        index_of, last = self._types.index_of, self.last
        index = index_of(log_id)
        if last is not None and log_id <= last:  # type: ignore[operator]
            raise LogIdReversal(last, log_id, "append")
        if last is not None and index != index_of(last) + 1:
            raise LogIdNonConsecutive(last, log_id)
        if self.purged is not None and index <= index_of(self.purged):
            raise LogIdReversal(self.purged, log_id, "append")
        return index

    def check_truncate(self, index: int) -> None:
        """Raises TruncateCommitted if entries from `index` on include a committed one."""
        if index < self.next_index(self.committed):
            raise TruncateCommitted(index, self.committed)

    def check_commit(self, log_id: L) -> None:
        """Raises LogIdReversal, CommitBeyondLast."""
        self._check_commit_order(log_id)
        if self.last is None or log_id > self.last:  # type: ignore[operator]
            raise CommitBeyondLast(self.last, log_id)

    def _check_commit_order(self, log_id: L) -> None:
        if self.committed is not None and log_id < self.committed:  # type: ignore[operator]
            raise LogIdReversal(self.committed, log_id, "commit")

    # What a record does.

    def replay(self, record: Record[V, L, P, U]) -> None:
        """Applies a record that was read back. Raises what a call would have raised, but for the two rules above."""
        match record:
            case SaveVote():
                self.check_vote(record.vote)
            case Append():
                self.check_next(record.log_id)
            case Commit():
                self._check_commit_order(record.log_id)
            case TruncateAfter() | PurgeUpto() | State():
                pass  # They may say anything.
        self.apply(record)

    def apply(self, record: Record[V, L, P, U]) -> None:
        """Applies a record that keeps to the rules."""
        match record:
            case SaveVote():
                self.vote = record.vote
            case Append():
                self.last = record.log_id
            case Commit():
                self.committed = record.log_id
            case TruncateAfter():
                self._truncate_after(record.log_id)
            case PurgeUpto():
                self._purge(record.log_id)
            case State():
                self._replace(record.state)
            case _:
                assert_never(record)

    def _truncate_after(self, log_id: L | None) -> None:
        if self.last is not None and (log_id is None or self.last > log_id):  # type: ignore[operator]
            self.last = log_id

    def _purge(self, log_id: L) -> None:
        if self.purged is None or self.purged < log_id:  # type: ignore[operator]
            self.purged = log_id
        if self.last is None or self.last < log_id:  # type: ignore[operator]
            self.last = log_id

    def _replace(self, state: RaftLogState[L, V, U]) -> None:
        self.vote, self.last, self.committed = state.vote, state.last, state.committed
        self.purged, self.user_data = state.purged, state.user_data
