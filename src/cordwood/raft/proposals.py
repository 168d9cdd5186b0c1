"""New entries: taken in by the leader, handed on by a follower.

Lives here: what becomes of a proposal in each role, and which configuration changes may be proposed. Must not live
here: applying a change (membership.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from cordwood.raft.changes import ConfChange, apply_change, decode_change
from cordwood.raft.core import Raft
from cordwood.raft.entries import NOBODY, Entry, EntryKind, Position, payload_size
from cordwood.raft.errors import DropReason, InvalidChange, ProposalDropped
from cordwood.raft.messages import NO_TERM, Propose
from cordwood.raft.sending import broadcast_append
from cordwood.raft.state import Role


def propose(raft: Raft, drafts: Sequence[Entry]) -> Position | None:
    """Appends entries here, if this node leads: where the last one is; else hands them on to the leader: None.

    Raises ProposalDropped, InvalidChange: then none of them was appended or handed on.
    """
    if raft.role is Role.LEADER:
        return take(raft, drafts)
    _check_sizes(raft, drafts)
    if raft.leader == NOBODY:
        raise ProposalDropped(DropReason.NO_LEADER)
    if not raft.config.forward_proposals:
        raise ProposalDropped(DropReason.NOT_FORWARDED)
    _forward(raft, drafts)
    return None


def _forward(raft: Raft, drafts: Sequence[Entry]) -> None:
    """Sends drafts in messages of the size that messages may have."""
    part: list[Entry] = []
    size = 0
    for draft in drafts:
        if part and size + draft.size > raft.config.max_size_per_message:
            raft.send(Propose(raft.id, raft.leader, NO_TERM, tuple(part)))
            part, size = [], 0
        part.append(draft)
        size += draft.size
    if part:
        raft.send(Propose(raft.id, raft.leader, NO_TERM, tuple(part)))


def on_propose(raft: Raft, message: Propose) -> None:
    """A follower handed proposals on. Nobody waits for an answer: what cannot be taken in is dropped."""
    try:
        take(raft, message.entries)
    except (ProposalDropped, InvalidChange) as error:
        raft.trace(f"{raft.id} dropped proposals of {message.sender}: {error}")


def take(raft: Raft, drafts: Sequence[Entry]) -> Position:
    """Appends entries to the leader's log and sends them to everybody. Raises ProposalDropped, InvalidChange."""
    if raft.id not in raft.tracker.progress:
        raise ProposalDropped(DropReason.NOT_A_MEMBER)
    if raft.transferee != NOBODY:
        raise ProposalDropped(DropReason.TRANSFERRING)
    _check_sizes(raft, drafts)
    _check_room(raft, payload_size(drafts))
    last = raft.log.last_index()
    changes = [at for at, draft in enumerate(drafts, last + 1) if draft.kind is EntryKind.CONF_CHANGE]
    _check_changes(raft, [draft for draft in drafts if draft.kind is EntryKind.CONF_CHANGE])
    raft.append([Entry(at, raft.term, draft.kind, draft.data) for at, draft in enumerate(drafts, last + 1)])
    if changes:
        raft.pending_change = changes[-1]
    broadcast_append(raft)
    return Position(raft.term, last + len(drafts))


def _check_sizes(raft: Raft, drafts: Sequence[Entry]) -> None:
    if any(draft.size > raft.config.max_entry_size for draft in drafts):
        raise ProposalDropped(DropReason.TOO_LARGE)


def _check_room(raft: Raft, size: int) -> None:
    # Entries without data are never refused: with them a term is opened and a joint configuration left. And a leader
    # that has nothing under way takes in anything, or a large entry could never pass.
    if size and raft.uncommitted_size and raft.uncommitted_size + size > raft.config.max_uncommitted_size:
        raise ProposalDropped(DropReason.TOO_MUCH_UNCOMMITTED)


def _check_changes(raft: Raft, drafts: Sequence[Entry]) -> None:
    if not drafts:
        return
    changes = [decode_change(draft.data) for draft in drafts]
    if not raft.config.validate_changes:
        return
    if len(changes) > 1 or raft.pending_change > raft.log.applied:
        raise ProposalDropped(DropReason.CHANGE_PENDING)
    check_fits(raft, changes[0])


def check_fits(raft: Raft, change: ConfChange) -> None:
    """Whether a change fits the configuration in force, which is the newest while none is pending.

    Raises InvalidChange.
    """
    apply_change(raft.tracker.configuration, change)
