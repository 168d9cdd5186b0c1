"""A raft log as simple as can be: a dictionary and five values, against which the real one is held."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from cordwood.raftlog.raft_log import RaftLog
from cordwood.raftlog.records import Append, Commit, PurgeUpto, RaftLogState, Record, SaveVote, State, TruncateAfter


@dataclass
class Model:
    """What a log of (term, index) holds."""

    state: RaftLogState = field(default_factory=RaftLogState)
    entries: dict[int, tuple[Any, Any]] = field(default_factory=dict)

    def copy(self) -> Model:
        """As it is now."""
        return Model(self.state, dict(self.entries))

    @property
    def next_index(self) -> int:
        """The index of the next entry."""
        return self.after(self.state.last)

    @staticmethod
    def after(log_id) -> int:
        """The index after a log id."""
        return 0 if log_id is None else log_id[1] + 1

    def apply(self, record: Record) -> None:
        """What a record does."""
        match record:
            case SaveVote(vote):
                self.state = replace(self.state, vote=vote)
            case Append(log_id, payload):
                self.state = replace(self.state, last=log_id)
                self.entries[log_id[1]] = (log_id, payload)
            case Commit(log_id):
                self.state = replace(self.state, committed=log_id)
            case TruncateAfter(log_id):
                self.state = replace(self.state, last=log_id)
            case PurgeUpto(log_id):
                last = max(log_id, self.state.last or log_id)
                self.state = replace(self.state, purged=log_id, last=last)
            case State(state):
                self.state = state
        first, end = self.after(self.state.purged), self.next_index
        self.entries = {index: entry for index, entry in self.entries.items() if first <= index < end}


def look(log: RaftLog) -> Model:
    """All that a log holds."""
    entries = list(log.read(0, 1 << 63))
    return Model(log.log_state(), {log_id[1]: (log_id, payload) for log_id, payload in entries})
