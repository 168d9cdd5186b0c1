"""What a node wants done, and in which order.

Lives here: `Ready` and its two jobs, `StorageAppend` and `StorageApply`, and how they are made up. Must not live here:
doing them.

A driver does, for each Ready:

1. send `messages`, at once;
2. write `append`: the snapshot, the entries, the hard state; sync if `must_sync`;
3. send `append.replies`;
4. apply `apply.entries` to the state machine, and answer `read_states` that they have reached;
5. report: `advance(ready)`, or `appended(append)` and `applied(apply)` with asynchronous storage.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cordwood.raft.core import Raft
from cordwood.raft.entries import Entry, Position, Term
from cordwood.raft.messages import Message
from cordwood.raft.state import HardState, ReadState, Snapshot, SoftState


class StorageAppend(msgspec.Struct, frozen=True):
    """A job for the thread that writes the log. Jobs are done in the order of their Readies, none is left out.

    If the node crashes, a job may be done in part, as long as it is done from the front: a commit index whose entries
    are not there is damage.
    """

    term: Term
    """The node's term when the job was made: a report from an earlier term says nothing about entries, which may have
    been replaced since."""
    snapshot: Snapshot | None
    """To be written first: takes the place of the whole log, and of the state machine's state."""
    entries: Sequence[Entry]
    """To be written next: they replace everything in the log from the first one's index on."""
    hard_state: HardState | None
    """To be written last, if there is one."""
    must_sync: bool
    """Whether something in this job must be durable before `replies` are sent and the job is reported. If not, it is
    enough that the jobs before it are."""
    replies: tuple[Message, ...]
    """To be sent when this job and all before it are durable, not earlier: votes and acknowledgements."""
    acks: tuple[Message, ...]
    """What this node has to hear itself, then: reporting the job does it."""
    last: Position | None
    """Where the log ends with this job, if storage does not have all of it for good."""


class StorageApply(msgspec.Struct, frozen=True):
    """A job for the thread that applies entries. Jobs are done in the order of their Readies."""

    entries: Sequence[Entry]
    """Committed. A CONF_CHANGE goes to `apply_conf_change`, unless the application declines it. With asynchronous storage
    a snapshot may have been faster: what it has already is passed over."""


class Ready(msgspec.Struct, frozen=True):
    """What a node wants done. A field that is None or empty wants nothing."""

    soft_state: SoftState | None
    """What has changed; for whoever wants to know. Nothing must be kept."""
    messages: Sequence[Message]
    """To be sent at once, before anything of this Ready is durable: a leader's own disk works while its followers' do.
    What must not be sent so early is in `append.replies`."""
    append: StorageAppend | None
    """To be written."""
    apply: StorageApply | None
    """To be applied. Without asynchronous storage, entries may be in `append` of the same Ready: only after it is
    written. With it, they are durable, and both jobs are independent."""
    read_states: Sequence[ReadState]
    """Reads that may be answered as soon as their index is applied."""


def make_ready(raft: Raft, told_soft: SoftState, told_hard: HardState, *, asynchronous: bool) -> Ready:
    """What is new since these states were told. Changes nothing."""
    soft = raft.soft_state()
    entries = raft.log.to_apply(unstable=not asynchronous)
    return Ready(
        soft_state=None if soft == told_soft else soft,
        messages=tuple(raft.outbox.messages),
        append=_make_append(raft, told_hard),
        apply=StorageApply(entries) if entries else None,
        read_states=tuple(raft.read_states),
    )


def _make_append(raft: Raft, told: HardState) -> StorageAppend | None:
    hard = raft.hard_state()
    snapshot = raft.log.unstable.next_snapshot()
    entries = raft.log.unstable.next_entries()
    outbox = raft.outbox
    if hard == told and not (snapshot or entries or outbox.replies or outbox.acks):
        return None
    return StorageAppend(
        term=raft.term,
        snapshot=snapshot,
        entries=entries,
        hard_state=None if hard == told else hard,
        must_sync=bool(entries or snapshot) or (hard.term, hard.vote) != (told.term, told.vote),
        replies=tuple(outbox.replies),
        acks=tuple(outbox.acks),
        last=raft.log.last() if raft.log.unstable.entries else None,
    )


def has_ready(raft: Raft, told_soft: SoftState, told_hard: HardState, *, asynchronous: bool) -> bool:
    """Whether `make_ready` would find anything, without making it."""
    unstable = raft.log.unstable
    return (
        bool(raft.outbox)
        or raft.hard_state() != told_hard
        or unstable.handed_out < unstable.end
        or unstable.next_snapshot() is not None
        or bool(raft.read_states)
        or raft.log.has_to_apply(unstable=not asynchronous)
        or raft.soft_state() != told_soft
    )
