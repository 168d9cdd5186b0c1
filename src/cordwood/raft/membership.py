"""What follows from a change of the configuration.

Lives here: applying a change, leaving a joint configuration without being asked, and what of a node's work depends on
the members. Must not live here: the arithmetic of changes (changes.py).
"""

from __future__ import annotations

from cordwood.raft.changes import LEAVE_JOINT, apply_change, decode_change, encode_change
from cordwood.raft.configuration import Configuration
from cordwood.raft.core import Raft
from cordwood.raft.entries import NOBODY, Entry, EntryKind
from cordwood.raft.errors import ProposalDropped
from cordwood.raft.proposals import take
from cordwood.raft.replication import advance_commit
from cordwood.raft.sending import broadcast_append, send_append
from cordwood.raft.state import Role
from cordwood.raft.transfer import abandon


def apply_conf_change(raft: Raft, entry: Entry) -> Configuration:
    """Puts a committed change into force. Raises InvalidChange when it does not fit: then nothing changes.

    A change that came with a snapshot already, while its entry was on the way to be applied, does nothing.
    """
    if entry.index > raft.configured_at:
        switch(raft, apply_change(raft.tracker.configuration, decode_change(entry.data)))
        raft.configured_at = entry.index
    return raft.tracker.configuration


def switch(raft: Raft, configuration: Configuration) -> None:
    """Works with these members from now on."""
    raft.tracker.switch(configuration, raft.log.last_index())
    raft.trace(f"{raft.id} switched to {configuration}")
    if raft.role is not Role.LEADER:
        return
    if raft.id not in configuration.voters:
        if raft.config.step_down_on_removal:
            raft.become_follower(raft.term, NOBODY)
        return
    if advance_commit(raft):
        # With fewer voters, more may be committed.
        broadcast_append(raft)
    else:
        for node, _ in raft.tracker.others(raft.id):
            send_append(raft, node, even_empty=False)
    if raft.transferee not in configuration.voters:
        abandon(raft)


def leave_if_due(raft: Raft) -> None:
    """Proposes to leave a joint configuration that wants to be left, as soon as it is applied.

    Asked again at every heartbeat: during a handover the proposal is dropped.
    """
    due = raft.tracker.configuration.auto_leave and raft.log.applied >= raft.pending_change
    if raft.role is not Role.LEADER or not due:
        return
    try:
        take(raft, [Entry(0, 0, EntryKind.CONF_CHANGE, encode_change(LEAVE_JOINT))])
    except ProposalDropped as error:
        raft.trace(f"{raft.id} does not leave the joint configuration yet: {error}")


def has_unapplied_change(raft: Raft) -> bool:
    """Whether a change is committed and not applied: then this node does not know its own electorate."""
    log = raft.log
    return any(
        entry.kind is EntryKind.CONF_CHANGE
        for page in log.pages(log.applied + 1, log.committed + 1, raft.config.max_committed_size_per_ready)
        for entry in page
    )
