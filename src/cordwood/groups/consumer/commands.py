"""What members of a consumer group ask, and what they are told.

Lives here: the command and its reply. Must not live here: the checks of the command (`request_checks`), and its bytes.
"""

from __future__ import annotations

from typing import Final

import msgspec

from cordwood.groups.consumer.partitions import Partitions

JOIN_EPOCH: Final = 0
LEAVE_EPOCH: Final = -1
LEAVE_STATIC_EPOCH: Final = -2
"""A static member goes and will be back within its session timeout: its partitions wait for it."""

NO_REBALANCE_TIMEOUT: Final = -1
"""The rebalance timeout has not changed since the member joined."""


class ConsumerHeartbeat(msgspec.Struct, frozen=True):
    """One heartbeat. None (or -1) stands for "as before"."""

    group: str
    member_id: str
    """Empty for a member that joins by version 0: it is given one."""
    epoch: int
    """The member's epoch, or one of JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH."""
    version: int
    """Of the request: since 1, members make their own ids."""
    client_id: str = ""
    client_host: str = ""
    instance_id: str | None = None
    rack_id: str | None = None
    rebalance_timeout_ms: int = NO_REBALANCE_TIMEOUT
    topics: frozenset[str] | None = None
    regex: str | None = None
    assignor: str | None = None
    owned: Partitions | None = None
    """What the member still has; it acknowledges a revocation by leaving the partition out."""

    @property
    def is_full(self) -> bool:
        """Whether all is said anew, as after a lost answer: then the answer says all, too."""
        return (
            self.rebalance_timeout_ms != NO_REBALANCE_TIMEOUT
            and (self.topics is not None or self.regex is not None)
            and self.owned is not None
        )


class HeartbeatReply(msgspec.Struct, frozen=True):
    """What a member is told."""

    member_id: str
    epoch: int
    interval_ms: int = 0
    """When the next heartbeat is due; 0 for one that left."""
    assigned: Partitions | None = None
    """All that the member may have now; None when that is as it was told before."""
