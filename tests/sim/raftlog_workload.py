"""A seeded life of one raft log: every call, flushes of every kind, rotations, purges, restarts; and what may be found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from cordwood.env.dice import SeededDice
from cordwood.model.errors import CordwoodError
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.raft_log import RaftLog
from cordwood.raftlog.records import Append, Commit, PurgeUpto, Record, SaveVote, State, TruncateAfter
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk
from tests.raftlog.model import Model

PATH: Final = "/sim/raft"


def open_log(disk: SimDisk, config: RaftLogConfig) -> RaftLog:
    """Opens the log; its worker waits for its turns."""
    return RaftLog.open(PATH, PLAIN, config, disk=disk, background=SimBackground(), clock=SimClock())


def config_of(seed: int) -> RaftLogConfig:
    """Small chunks and small caches, so that much happens in few operations."""
    dice = SeededDice(seed)
    return RaftLogConfig(
        cache_max_items=dice.below(6),
        cache_capacity_bytes=(40, 5000)[dice.below(2)],
        chunk_max_records=(3, 5, 9)[dice.below(3)],
        chunk_max_bytes=(300, 9000, 100_000)[dice.below(3)],
        unwritten_max_bytes=(0, 200, 1 << 20)[dice.below(3)],
    )


class Workload:
    """One log, and one caller who does as the dice say. It makes no call that is refused."""

    def __init__(self, disk: SimDisk, config: RaftLogConfig, seed: int) -> None:
        self.disk = disk
        self.config = config
        self.dice = SeededDice(seed)
        self.log: RaftLog | None = None
        self.model = Model()
        self.versions = [Model()]
        """What the log held after each record, the newest last."""
        self.must_sync = 0
        self.durable = 0
        """So many records were acknowledged as durable."""
        self.written = 0
        """So many were said to be written."""
        self.term = 1
        self.counts: dict[str, int] = {}

    def run(self, steps: int) -> None:
        """A life of so many actions, from the first opening to the last closing."""
        self.open()
        for _ in range(steps):
            self.step()
        self.close()

    def step(self) -> None:
        """One action."""
        actions: list[Callable[[], None]] = [
            self.append,
            self.append,
            self.append,
            self.vote,
            self.commit,
            self.truncate,
            self.purge,
            self.save_user_data,
            self.update_state,
            self.flush,
            self.flush,
            self.flush_without_sync,
            self.sync,
            self.turn,
            self.reopen,
        ]
        actions[self.dice.below(len(actions))]()

    # What it does.

    def open(self) -> None:
        """Opens it."""
        self.log = open_log(self.disk, self.config)

    def close(self) -> None:
        """Closes it: all but the last commits is durable, and they are written."""
        target = self.must_sync
        self.log.close()
        self.log = None
        self.durable = max(self.durable, target)
        self.written = len(self.versions) - 1

    def reopen(self) -> None:
        """Closes and opens it; what was read when it opened is durable."""
        self.close()
        self.open()
        self.durable = self.written

    def append(self) -> None:
        """Some entries."""
        self.term += self.dice.below(4) == 0
        start = self.model.next_index
        if self.model.state.last is None:
            start = self.dice.below(3)
        entries = [((self.term, start + number), self.payload()) for number in range(1 + self.dice.below(4))]
        self.ask(*(Append(*entry) for entry in entries))
        self.log.append(entries)

    def vote(self) -> None:
        """A vote of a later term."""
        self.term += self.dice.below(2)
        vote = max((self.term, self.dice.below(3)), self.model.state.vote or (0, 0))
        self.ask(SaveVote(vote))
        self.log.save_vote(vote)

    def commit(self) -> None:
        """Any entry that may be committed."""
        low = self.model.after(self.model.state.committed)
        found = [log_id for index, (log_id, _) in self.model.entries.items() if index >= low]
        if found:
            log_id = found[self.dice.below(len(found))]
            self.ask(Commit(log_id), is_lazy=True)
            self.log.commit(log_id)

    def truncate(self) -> None:
        """Some entries that are not committed."""
        low = max(self.model.after(self.model.state.committed), self.model.after(self.model.state.purged))
        found = [(index, log_id) for index, (log_id, _) in self.model.entries.items() if index + 1 >= low]
        if found:
            index, log_id = found[self.dice.below(len(found))]
            self.term += 1  # What comes in the place of others is of a later term.
            self.ask(TruncateAfter(log_id))
            self.log.truncate(index + 1)

    def purge(self) -> None:
        """Up to an entry, or a jump beyond the last one."""
        found = [log_id for log_id, _ in self.model.entries.values()]
        if self.dice.below(6) == 0:
            found.append((self.term, self.model.next_index + self.dice.below(3)))
        if found:
            upto = found[self.dice.below(len(found))]
            self.ask(PurgeUpto(upto))
            self.log.purge(upto)

    def save_user_data(self) -> None:
        """Small."""
        data = self.dice.token(self.dice.below(20)) if self.dice.below(3) else None
        state = self.model.state
        self.ask(State(type(state)(state.vote, state.last, state.committed, state.purged, data)))
        self.log.save_user_data(data)

    def update_state(self) -> None:
        """The last index jumps, sometimes."""
        state = self.model.state
        if self.dice.below(3) == 0:
            last = (self.term, self.model.next_index + self.dice.below(4))
            state = type(state)(state.vote, last, state.committed, state.purged, state.user_data)
        self.ask(State(state))
        self.log.update_state(state)

    def flush(self) -> None:
        """Somebody wants to be told; the worker's turn comes later."""
        self.log.flush(callback=partial(self.acknowledge, self.must_sync, len(self.versions) - 1))

    def flush_without_sync(self) -> None:
        """The same, but written is enough."""
        self.log.flush(sync=False, callback=partial(self.acknowledge, 0, len(self.versions) - 1))

    def turn(self) -> None:
        """The worker's."""
        self.log.flusher.turn()

    def sync(self) -> None:
        """Waits for all of it."""
        target, written = self.must_sync, len(self.versions) - 1
        self.log.sync()
        self.acknowledge(target, written, None)

    def acknowledge(self, durable: int, written: int, error: CordwoodError | None) -> None:
        """A flush is told how it came out."""
        if error is None:
            self.durable = max(self.durable, durable)
            self.written = max(self.written, written)

    # What it takes for that.

    def ask(self, *records: Record, is_lazy: bool = False) -> None:
        """Notes records before they are put."""
        for record in records:
            self.model.apply(record)
            self.versions.append(self.model.copy())
            name = type(record).__name__
            self.counts[name] = self.counts.get(name, 0) + 1
        if not is_lazy:
            self.must_sync = len(self.versions) - 1

    def payload(self) -> bytes:
        """Small, mostly; sometimes of some pages; sometimes full of zeros."""
        size = self.dice.below(60) if self.dice.below(8) else self.dice.below(9000)
        return bytes(size) if self.dice.below(4) == 0 else self.dice.token(size)

    def allowed(self, *, power_failed: bool) -> list[Model]:
        """What may be found now."""
        return self.versions[self.durable if power_failed else max(self.durable, self.written) :]
