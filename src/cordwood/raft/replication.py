"""How entries get from the leader to everybody, and are committed.

Lives here: appends and their answers, heartbeats and their answers, on both sides, and the rule of what is committed.
Must not live here: the messages' flow control (sending.py, progress.py), snapshots (snapshots.py).
"""

from __future__ import annotations

from cordwood.raft import reads
from cordwood.raft.core import Raft
from cordwood.raft.entries import Index, Position
from cordwood.raft.errors import Malformed
from cordwood.raft.messages import Append, AppendReply, Heartbeat, HeartbeatReply
from cordwood.raft.progress import Progress, ProgressState
from cordwood.raft.sending import broadcast_append, send_append
from cordwood.raft.transfer import hand_over_if_ready


def on_append(raft: Raft, message: Append) -> None:
    """A follower takes over what its leader sent, or says where to try next."""
    _check_chain(message)
    committed = raft.log.committed
    if message.previous.index < committed:
        # An old message. What is committed is equal everywhere: that much can be said.
        _reply(raft, message, committed)
        return
    agreed = raft.log.accept(message.previous, message.entries, message.commit)
    if agreed is not None:
        _reply(raft, message, agreed)
        return
    # Entries with a later term than the leader has there cannot be the leader's: they are skipped in one step.
    start = min(message.previous.index, raft.log.last_index())
    hint = raft.log.agreement_before(Position(message.previous.term, start))
    raft.trace(f"{raft.id} rejected an append after {message.previous.index} of {message.sender}")
    rejected = message.previous.index
    raft.send(AppendReply(raft.id, message.sender, raft.term, rejected, rejected=True, hint=hint))


def _check_chain(message: Append) -> None:
    """Raises Malformed unless the entries follow each other."""
    index, term = message.previous.index, message.previous.term
    for entry in message.entries:
        index += 1
        if entry.index != index or not term <= entry.term <= message.term:
            raise Malformed(
                f"entry {entry.index} of term {entry.term} does not follow {index - 1} of term {term}"
                f" in an append of term {message.term} from {message.sender}"
            )
        term = entry.term


def _reply(raft: Raft, message: Append, index: Index) -> None:
    raft.send(AppendReply(raft.id, message.sender, raft.term, index))


def on_heartbeat(raft: Raft, message: Heartbeat) -> None:
    """A follower learns how far it may apply, and says that it is there."""
    raft.log.commit_to(message.commit)
    raft.send(HeartbeatReply(raft.id, message.sender, raft.term, message.round))


def on_append_reply(raft: Raft, message: AppendReply) -> None:
    """A follower (or the leader's own disk) answered an append."""
    progress = raft.tracker.progress.get(message.sender)
    if progress is None:
        return
    if message.index > raft.log.last_index() and not message.rejected:
        raise Malformed(f"{message.sender} has entry {message.index}, and its leader's log ends before it")
    progress.recent = True
    if message.rejected:
        _step_back(raft, progress, message)
    else:
        _move_on(raft, progress, message)


def _step_back(raft: Raft, progress: Progress, message: AppendReply) -> None:
    """Tries where the logs may agree: at most one probe for each term that the two logs differ in."""
    hint = message.hint
    if hint.term:
        # The follower's terms up to the hint are not above the hint's: where ours is, the logs cannot agree.
        hint = raft.log.agreement_before(hint)
    if progress.rejected(message.index, hint.index):
        if progress.state is ProgressState.REPLICATE:
            progress.become_probe()
        send_append(raft, message.sender)


def _move_on(raft: Raft, progress: Progress, message: AppendReply) -> None:
    news = progress.acknowledged(message.index)
    # A probe that was answered with what is known already still shows that the follower follows again.
    if not news and not (progress.state is ProgressState.PROBE and progress.match == message.index):
        return
    _note_acknowledged(raft, progress, message.index)
    own = message.sender == raft.id
    if advance_commit(raft):
        broadcast_append(raft)
        reads.release_early(raft)
    elif not own and progress.misses_commit(raft.log.committed):
        send_append(raft, message.sender)
    if not own:
        # Room in the window may let several messages go.
        while send_append(raft, message.sender, even_empty=False):
            pass
        hand_over_if_ready(raft, message.sender)


def _note_acknowledged(raft: Raft, progress: Progress, index: Index) -> None:
    match progress.state:
        case ProgressState.PROBE:
            progress.become_replicate()
        case ProgressState.REPLICATE:
            progress.inflights.free(index)
        case ProgressState.SNAPSHOT:
            # Whichever snapshot the follower took: from where it is now, the log can go on.
            if progress.match + 1 >= raft.log.first_index():
                progress.become_replicate()


def on_heartbeat_reply(raft: Raft, message: HeartbeatReply) -> None:
    """A follower is there: reads may be confirmed by it, and appends to it were perhaps lost."""
    progress = raft.tracker.progress.get(message.sender)
    if progress is None:
        return
    progress.recent = True
    progress.paused_flow = False
    if progress.match < raft.log.last_index() or progress.state is ProgressState.PROBE:
        send_append(raft, message.sender)
    raft.rounds.answer(message.sender, message.round)
    reads.confirm(raft)


def advance_commit(raft: Raft) -> bool:
    """Commits what a quorum has; False if nothing is new."""
    index = raft.tracker.committed()
    if index <= raft.log.committed or not may_commit(raft, index):
        return False
    raft.log.commit_to(index)
    return True


def may_commit(raft: Raft, index: Index) -> bool:
    """A leader counts only for entries of its own term; those before them are committed with them.

    An entry of an earlier term may be on a quorum and still be replaced (Raft paper, figure 8).
    """
    return raft.log.term_or_zero(index) == raft.term
