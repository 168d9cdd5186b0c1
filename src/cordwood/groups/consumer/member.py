"""A member of a consumer group: what it wants, and how far it has come with its assignment.

Lives here: the values, and what can be said of one member alone. Must not live here: what changes them
(`reconciliation`, `replay`).
"""

from __future__ import annotations

import enum
from typing import Final

import msgspec

from cordwood.groups.consumer.partitions import NO_PARTITIONS, Partitions


class MemberState(enum.IntEnum):
    """How far a member is on its way to its target; the numbers are those of Kafka's records."""

    STABLE = 0
    """It has what its epoch gives it."""
    UNREVOKED_PARTITIONS = 1
    """It has been told to give up partitions and has not said yet that it did; its epoch waits for that."""
    UNRELEASED_PARTITIONS = 2
    """It is at the target's epoch, but others still have some of its partitions."""
    UNKNOWN = 127
    """The log says something that only a later version knows."""


class ClassicProtocol(msgspec.Struct, frozen=True):
    """An assignor that a classic member supports, with its subscription as bytes."""

    name: str
    metadata: bytes


class ClassicMember(msgspec.Struct, frozen=True):
    """What is kept of a member that speaks the classic protocol."""

    session_timeout_ms: int
    protocols: tuple[ClassicProtocol, ...]
    """In the order of the member's preference."""


class MemberMetadata(msgspec.Struct, frozen=True):
    """What a member says of itself; stored as one record."""

    instance_id: str | None = None
    rack_id: str | None = None
    client_id: str = ""
    client_host: str = ""
    topics: frozenset[str] = frozenset()
    regex: str = ""
    """Empty for none."""
    rebalance_timeout_ms: int = -1
    assignor: str | None = None
    """The server-side assignor that it votes for."""
    classic: ClassicMember | None = None
    """Of a member that speaks the classic protocol in this group; None for all others."""


NO_METADATA: Final = MemberMetadata()


class Member(msgspec.Struct, frozen=True):
    """One member. Its partitions are `assigned` and `revoking` together: nobody else may have those.

    Invariants: `assigned` and `revoking` share nothing; `revoking` is empty but in UNREVOKED_PARTITIONS.
    """

    id: str
    metadata: MemberMetadata = NO_METADATA
    epoch: int = 0
    previous_epoch: int = 0
    """The epoch before the last step: what the member still names when the answer was lost."""
    state: MemberState = MemberState.STABLE
    assigned: Partitions = NO_PARTITIONS
    revoking: Partitions = NO_PARTITIONS

    @property
    def is_classic(self) -> bool:
        return self.metadata.classic is not None

    def is_reconciled_to(self, epoch: int) -> bool:
        """Whether the member has reached the target of an epoch."""
        return self.state is MemberState.STABLE and self.epoch == epoch
