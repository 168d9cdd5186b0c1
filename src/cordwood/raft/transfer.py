"""Handing the leadership over on purpose (Raft thesis, section 3.10).

Lives here: the request, its end when the target has the whole log, and its abandonment. Must not live here: the
election that follows (elections.py).
"""

from __future__ import annotations

from cordwood.raft.core import Raft
from cordwood.raft.entries import NOBODY, NodeId
from cordwood.raft.messages import TimeoutNow, TransferLeader
from cordwood.raft.sending import send_append
from cordwood.raft.state import Role


def request(raft: Raft, target: NodeId) -> None:
    """Asks the leader, which may be this node, to hand over to `target`. Without a leader nothing happens."""
    if raft.role is Role.LEADER:
        begin(raft, target)
    elif raft.leader != NOBODY:
        raft.send(TransferLeader(raft.id, raft.leader, raft.term, target))


def on_transfer_leader(raft: Raft, message: TransferLeader) -> None:
    """A follower asks the leader to hand over."""
    begin(raft, message.target)


def begin(raft: Raft, target: NodeId) -> None:
    """Takes no more proposals in, brings the target up to date, and gives it one election timeout to take over."""
    if target == raft.id or raft.transferee == target:
        return
    if target not in raft.tracker.configuration.voters:
        raft.trace(f"{raft.id} does not hand over to {target}, which is no voter")
        return
    raft.election_elapsed = 0
    raft.transferee = target
    raft.trace(f"{raft.id} hands over to {target} at term {raft.term}")
    if not hand_over_if_ready(raft, target):
        send_append(raft, target)


def hand_over_if_ready(raft: Raft, follower: NodeId) -> bool:
    """Tells the target to campaign as soon as it has the whole log."""
    if follower != raft.transferee or raft.tracker.progress[follower].match != raft.log.last_index():
        return False
    # From here on others vote for the target whatever they heard of this leader.
    raft.lease_given_away = True
    raft.send(TimeoutNow(raft.id, follower, raft.term))
    return True


def abandon(raft: Raft) -> None:
    """The target did not take over, or cannot any more: this leader goes on."""
    raft.transferee = NOBODY
