"""The raft log against a dictionary: any sequence of calls, refusals, restarts and power failures."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cordwood.env.dice import SeededDice
from cordwood.model.raftlog_errors import RaftLogRefusal
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.raft_log import RaftLog
from cordwood.raftlog.records import Append, Commit, PurgeUpto, RaftLogState, SaveVote, State, TruncateAfter
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk
from tests.raftlog.model import Model, look

small = st.integers(0, 6)
log_ids = st.tuples(st.integers(1, 4), st.integers(0, 15))
options = st.none() | log_ids


class RaftLogMachine(RuleBasedStateMachine):
    """Every call with any argument: the model says whether it is refused, and what comes of it."""

    def __init__(self):
        super().__init__()
        self.disk = SimDisk()
        self.config = RaftLogConfig(cache_max_items=3, chunk_max_records=4, unwritten_max_bytes=300)
        self.model = Model()
        self.versions = [Model()]
        self.durable = self.must_sync = 0
        self.log = self.open()

    def open(self):
        return RaftLog.open(
            "/sim/raft", PLAIN, self.config, disk=self.disk, background=SimBackground(), clock=SimClock()
        )

    def put(self, *records, lazily=False):
        for record in records:
            self.model.apply(record)
            self.versions.append(self.model.copy())
        if records and not lazily:
            self.must_sync = len(self.versions) - 1

    def call(self, call, is_allowed, *records, lazily=False):
        if is_allowed:
            call()
            self.put(*records, lazily=lazily)
            return
        try:
            call()
        except RaftLogRefusal:
            return
        raise AssertionError("it was not refused")

    @rule(vote=st.tuples(small, small))
    def save_vote(self, vote):
        is_allowed = self.model.state.vote is None or vote >= self.model.state.vote
        self.call(lambda: self.log.save_vote(vote), is_allowed, SaveVote(vote))

    @rule(count=st.integers(0, 5), term_ahead=st.integers(0, 2), size=st.integers(0, 40))
    def append_what_follows(self, count, term_ahead, size):
        last = self.model.state.last
        term = (last[0] if last else 1) + term_ahead
        start = self.model.next_index
        entries = [((term, start + number), bytes(size)) for number in range(count)]
        is_allowed = not entries or start >= self.model.after(self.model.state.purged)
        self.call(lambda: self.log.append(entries), is_allowed, *(Append(*entry) for entry in entries))

    @rule(new=st.lists(log_ids, max_size=3))
    def append_anything(self, new):
        last = self.model.state.last
        is_allowed = not new or new[0][1] >= self.model.after(self.model.state.purged)
        for log_id in new:
            is_allowed = is_allowed and (last is None or (log_id > last and log_id[1] == last[1] + 1))
            last = log_id
        entries = [(log_id, b"x") for log_id in new]
        self.call(lambda: self.log.append(entries), is_allowed, *(Append(*entry) for entry in entries))

    @rule(index=st.integers(0, 18))
    def truncate(self, index):
        state, entries = self.model.state, self.model.entries
        after = self.model.after(state.purged)
        upto = state.purged if index == after else entries.get(index - 1, (None, None))[0]
        is_allowed = index >= self.model.after(state.committed) and (index == after or upto is not None)
        ends_there = state.last is None or (upto is not None and upto >= state.last)
        self.call(lambda: self.log.truncate(index), is_allowed, State(state) if ends_there else TruncateAfter(upto))

    @rule(upto=log_ids)
    def purge(self, upto):
        is_new = upto[1] >= self.model.after(self.model.state.purged)
        purged = self.model.state.purged
        if purged is not None and is_new and upto < purged:
            return  # An index above, in an older term: nobody has such a log id.
        self.log.purge(upto)
        self.put(*[PurgeUpto(upto)] * is_new)

    @rule(log_id=log_ids)
    def commit(self, log_id):
        state = self.model.state
        goes_on = state.committed is None or log_id >= state.committed
        is_allowed = goes_on and state.last is not None and log_id <= state.last
        self.call(lambda: self.log.commit(log_id), is_allowed, Commit(log_id), lazily=True)

    @rule(vote=options, last=options, committed=options, purged=options, data=st.none() | st.binary(max_size=5))
    def update_state(self, vote, last, committed, purged, data):
        state = RaftLogState(vote, last, committed, purged, data)
        self.log.update_state(state)
        self.put(State(state))

    @rule(data=st.none() | st.binary(max_size=5))
    def save_user_data(self, data):
        state = self.model.state
        self.log.save_user_data(data)
        self.put(State(RaftLogState(state.vote, state.last, state.committed, state.purged, data)))

    @rule(start=st.integers(0, 18), end=st.integers(0, 18))
    def read(self, start, end):
        expected = [entry for index, entry in self.model.entries.items() if start <= index < end]
        assert list(self.log.read(start, end)) == expected

    @rule()
    def sync(self):
        self.log.sync()
        self.durable = self.must_sync

    @rule(sync=st.booleans())
    def flush(self, sync):
        told = []
        self.log.flush(sync=sync, callback=told.append)
        self.log.flusher.turn()
        assert told == [None]
        self.durable = self.must_sync if sync else self.durable

    @rule()
    def reopen(self):
        self.log.close()
        self.durable = len(self.versions) - 1
        self.log = self.open()

    @rule(seed=st.integers(0, 1000), power_fails=st.booleans())
    def crash(self, seed, power_fails):
        self.disk = self.disk.crash(SeededDice(seed)) if power_fails else self.disk.kill()
        self.log = self.open()
        found = look(self.log)
        assert found in self.versions[self.durable :], f"{found} is none of {self.versions[self.durable :]}"
        self.model = found
        self.versions = [found.copy()]
        self.durable = self.must_sync = 0

    @invariant()
    def it_holds_the_same(self):
        assert look(self.log) == self.model

    def teardown(self):
        self.log.close()


TestRaftLog = RaftLogMachine.TestCase
TestRaftLog.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
