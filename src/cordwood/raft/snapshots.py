"""Snapshots instead of entries that are gone.

Lives here: a follower that takes a snapshot over. Must not live here: when a leader sends one (sending.py).
"""

from __future__ import annotations

from cordwood.raft.configuration import problems
from cordwood.raft.core import Raft
from cordwood.raft.errors import Malformed
from cordwood.raft.messages import AppendReply, InstallSnapshot
from cordwood.raft.state import Snapshot


def on_install_snapshot(raft: Raft, message: InstallSnapshot) -> None:
    """A follower takes the snapshot over, if it is of use; either way it says how far it is."""
    snapshot = message.snapshot
    faults = list(problems(snapshot.configuration))
    if faults or snapshot.term > message.term:
        raise Malformed(
            f"snapshot {snapshot.position} of {message.sender} is none: {'; '.join(faults) or 'later term'}"
        )
    if restore(raft, snapshot):
        index = raft.log.last_index()
    else:
        raft.trace(f"{raft.id} ignored snapshot {snapshot.index}, committed {raft.log.committed}")
        index = raft.log.committed
    raft.send(AppendReply(raft.id, message.sender, raft.term, index))


def restore(raft: Raft, snapshot: Snapshot) -> bool:
    """Replaces log and configuration by the snapshot's; False if that would lose something or gain nothing."""
    if not is_ahead(raft, snapshot):
        return False
    if raft.log.matches(snapshot.position):
        # The entries are here, and now known to be committed: no need to throw away what follows them.
        raft.log.commit_to(snapshot.index)
        return False
    raft.log.restore(snapshot)
    raft.configured_at = snapshot.index
    raft.tracker.switch(snapshot.configuration, snapshot.index)
    raft.trace(f"{raft.id} restored snapshot {snapshot.index} with {snapshot.configuration}")
    return True


def is_ahead(raft: Raft, snapshot: Snapshot) -> bool:
    """Whether the snapshot has something that is not committed here: an older one would take entries back."""
    return snapshot.index > raft.log.committed
