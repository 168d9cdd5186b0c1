"""What time does.

Lives here: one tick in each role. Must not live here: clocks; somebody outside says when a tick has passed.
"""

from __future__ import annotations

from cordwood.raft import reads
from cordwood.raft.core import Raft
from cordwood.raft.elections import campaign
from cordwood.raft.entries import NOBODY
from cordwood.raft.membership import leave_if_due
from cordwood.raft.sending import broadcast_heartbeat
from cordwood.raft.state import Role
from cordwood.raft.transfer import abandon


def tick(raft: Raft) -> None:
    """One tick has passed."""
    raft.ticks += 1
    raft.election_elapsed += 1
    if raft.role is Role.LEADER:
        _tick_leader(raft)
    elif raft.promotable() and raft.election_elapsed >= raft.timeout:
        campaign(raft)
        raft.election_elapsed = 0


def _tick_leader(raft: Raft) -> None:
    raft.heartbeat_elapsed += 1
    if raft.election_elapsed >= raft.config.election_ticks:
        raft.election_elapsed = 0
        if raft.config.check_quorum and not check_quorum(raft):
            return
        if raft.transferee != NOBODY:
            raft.trace(f"{raft.id} goes on: {raft.transferee} did not take over")
            abandon(raft)
    if raft.heartbeat_elapsed >= raft.config.heartbeat_ticks:
        raft.heartbeat_elapsed = 0
        broadcast_heartbeat(raft)
        reads.confirm(raft)
        leave_if_due(raft)


def check_quorum(raft: Raft) -> bool:
    """Steps down if no quorum was heard of since the last time; False then."""
    active = raft.tracker.quorum_active()
    if not active:
        raft.trace(f"{raft.id} steps down: no quorum was heard of")
        raft.become_follower(raft.term, NOBODY)
    for _, progress in raft.tracker.others(raft.id):
        progress.recent = False
    return active
