"""Whatever arrives, a node raises its own errors and goes on."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import event, given, settings
from hypothesis import strategies as st

from cordwood.raft import Configuration, Entry, EntryKind, Position, RaftConfig, RaftNode, Role, Snapshot
from cordwood.raft.errors import LogDamaged, RaftError
from cordwood.raft.messages import (
    Append,
    AppendReply,
    Heartbeat,
    HeartbeatReply,
    InstallSnapshot,
    PreVote,
    PreVoteReply,
    Propose,
    ReadIndex,
    ReadIndexReply,
    TimeoutNow,
    TransferLeader,
    Vote,
    VoteReply,
)
from tests.raft.cluster import lot, storage_of, write

SMALL = st.integers(0, 6)
HEAD = (st.sampled_from([2, 3, 4]), st.just(1), SMALL)
POSITION = st.builds(Position, SMALL, SMALL)
ENTRY = st.builds(Entry, SMALL, SMALL, st.sampled_from(EntryKind), st.binary(max_size=4))
ENTRIES = st.lists(ENTRY, max_size=3).map(tuple)
IDS = st.frozensets(st.integers(1, 4), max_size=3)
CONFIGURATION = st.builds(Configuration, IDS, IDS, IDS, IDS, st.booleans())
SNAPSHOT = st.builds(Snapshot, SMALL, SMALL, CONFIGURATION)

MESSAGES = st.one_of(
    st.builds(Vote, *HEAD, POSITION, POSITION, st.booleans()),
    st.builds(VoteReply, *HEAD, st.booleans(), POSITION),
    st.builds(PreVote, *HEAD, POSITION, POSITION),
    st.builds(PreVoteReply, *HEAD, st.booleans(), POSITION),
    st.builds(Append, *HEAD, POSITION, ENTRIES, SMALL),
    st.builds(AppendReply, *HEAD, SMALL, st.booleans(), POSITION),
    st.builds(Heartbeat, *HEAD, SMALL, SMALL),
    st.builds(HeartbeatReply, *HEAD, SMALL),
    st.builds(InstallSnapshot, *HEAD, SNAPSHOT),
    st.builds(TimeoutNow, *HEAD),
    st.builds(Propose, *HEAD, ENTRIES),
    st.builds(ReadIndex, *HEAD, st.binary(max_size=3)),
    st.builds(ReadIndexReply, *HEAD, SMALL, st.binary(max_size=3)),
    st.builds(TransferLeader, *HEAD, SMALL),
)

EVENTS = st.lists(st.one_of(MESSAGES, st.sampled_from(["tick", "campaign", "elect"])), max_size=25)


class Lonely:
    """A node, its disk, and nobody who means well."""

    def __init__(self) -> None:
        self.storage = storage_of(1, 1)
        self.node = RaftNode(RaftConfig(1, election_ticks=3), self.storage, lot)

    def take(self, happening) -> None:
        if happening == "tick":
            self.node.tick()
        elif happening == "campaign":
            self.node.campaign()
        elif happening == "elect":
            self.elect()
        else:
            self.node.step(happening)

    def elect(self) -> None:
        """Makes the node leader, if it can be one."""
        raft = self.node._raft
        if raft.promotable() and raft.role is not Role.LEADER:
            raft.become_candidate()
            raft.become_leader()

    def settle(self) -> None:
        while self.node.has_ready():
            ready = self.node.ready()
            if ready.append:
                write(self.storage, ready.append)
            for entry in ready.apply.entries if ready.apply else ():
                if entry.kind is EntryKind.CONF_CHANGE:
                    with suppress(RaftError):
                        self.node.apply_conf_change(entry)
            self.node.advance(ready)


@settings(max_examples=200)
@given(EVENTS)
def test_nonsense_is_answered_with_errors_of_its_own(events):
    lonely = Lonely()
    for happening in events:
        try:
            lonely.take(happening)
        except LogDamaged:
            return
        except RaftError as refusal:
            event("refused: " + type(refusal).__name__)
        lonely.settle()
        status = lonely.node.status()
        assert status.applied <= status.commit <= status.last
