"""One moment of the metadata quorum, as one node sees it, in plain numbers.

Lives here: the values. Must not live here: gathering them (`node`), and names of exported metrics; those are the console's.
"""

from __future__ import annotations

from typing import NamedTuple


class PeerCounts(NamedTuple):
    """The way to one other node."""

    node_id: int
    is_linked: bool
    sent: int
    dropped: int
    """Messages that it could not take, or that a broken connection took along."""


class QuorumCounts(NamedTuple):
    """This node's part. Counts are since the start."""

    leader: int
    """-1 where nobody is known to lead."""
    is_leader: bool
    term: int
    committed: int
    applied: int
    voters: int
    observers: int
    """Members without a vote."""
    waiting: int
    """Decisions of this node that the quorum has not answered yet."""
    snapshots_made: int
    snapshots_installed: int
    received: int
    """Messages of peers."""
    damaged: int
    """Those among them that could not be read."""
    hellos_refused: int
    peers: tuple[PeerCounts, ...]
