"""What a leader sends to its followers.

Lives here: appends, snapshots and heartbeats, within the flow control of each follower. Must not live here: what
becomes of the answers (replication.py).
"""

from __future__ import annotations

from cordwood.raft.core import Raft
from cordwood.raft.entries import Entry, NodeId, Position, payload_size
from cordwood.raft.errors import Compacted, SnapshotUnavailable
from cordwood.raft.messages import Append, Heartbeat, InstallSnapshot
from cordwood.raft.progress import Progress, ProgressState


def send_append(raft: Raft, to: NodeId, *, even_empty: bool = True) -> bool:
    """Sends the follower its next entries, or a snapshot when they are gone; False if nothing was sent.

    A message without entries still tells the commit index and asks whether the logs agree.
    """
    progress = raft.tracker.progress[to]
    if progress.paused:
        return False
    try:
        previous = Position(raft.log.term(progress.next - 1), progress.next - 1)
        entries = _next_entries(raft, progress)
    except Compacted:
        return _send_snapshot(raft, to, progress)
    if not entries and not even_empty:
        return False
    commit = raft.log.committed
    raft.send(Append(raft.id, to, raft.term, previous, entries, commit))
    progress.sent_entries(len(entries), payload_size(entries))
    progress.note_commit(commit)
    return True


def _next_entries(raft: Raft, progress: Progress) -> tuple[Entry, ...]:
    # With a full window only an empty message goes out: should all before it be lost, its answer gets things going.
    if progress.state is ProgressState.REPLICATE and progress.inflights.full:
        return ()
    return tuple(raft.log.entries(progress.next, raft.config.max_size_per_message))


def _send_snapshot(raft: Raft, to: NodeId, progress: Progress) -> bool:
    if not progress.recent:
        raft.trace(f"{raft.id} keeps its snapshot from {to}, which was not heard of")
        return False
    try:
        snapshot = raft.log.snapshot()
    except SnapshotUnavailable as error:
        raft.trace(f"{raft.id} has no snapshot for {to} now: {error}")
        return False
    assert snapshot.index + 1 >= raft.log.first_index(), f"a snapshot at {snapshot.index} leaves a gap before the log"
    progress.become_snapshot(snapshot.index)
    raft.trace(f"{raft.id} sent snapshot {snapshot.index} to {to}")
    raft.send(InstallSnapshot(raft.id, to, raft.term, snapshot))
    return True


def broadcast_append(raft: Raft) -> None:
    """Sends everybody what is next for them."""
    for node, _ in raft.tracker.others(raft.id):
        send_append(raft, node)


def broadcast_heartbeat(raft: Raft) -> None:
    """Starts a round of heartbeats."""
    number = raft.rounds.start(raft.id, raft.ticks)
    for node, progress in raft.tracker.others(raft.id):
        # A follower may have entries of its own above what is known to match: they are not committed.
        commit = min(progress.match, raft.log.committed)
        raft.send(Heartbeat(raft.id, node, raft.term, commit, number))
        progress.note_commit(commit)
