"""What members ask of a classic group: JoinGroup, SyncGroup, Heartbeat and LeaveGroup without their wire versions.

Lives here: the commands. Must not live here: what comes of them. What a request's version decides is a field of its
own, so that nobody below the handlers knows versions.
"""

from __future__ import annotations

import msgspec

from cordwood.groups.classic.member import MemberProtocol


class Join(msgspec.Struct, frozen=True):
    """Asks to be a member of the next generation. Answered by a JoinReply, perhaps much later."""

    group: str
    member_id: str
    """Empty for a member that has none yet."""
    instance_id: str | None
    client_id: str
    client_host: str
    session_timeout_ms: int
    rebalance_timeout_ms: int
    """The session timeout again where the request has none (version 0)."""
    protocol_type: str
    protocols: tuple[MemberProtocol, ...]
    """By preference."""
    require_known_member_id: bool = False
    """The member understands MEMBER_ID_REQUIRED (since version 4): it is first given an id and comes again (KIP-394)."""
    supports_skipping_assignment: bool = False
    """The member understands `skip_assignment` (since version 9, KIP-814)."""
    reason: str | None = None


class Assignment(msgspec.Struct, frozen=True):
    """What the leader gives to one member; opaque to the broker."""

    member_id: str
    assignment: bytes


class Sync(msgspec.Struct, frozen=True):
    """Asks for the member's assignment; the leader brings those of all. Answered by a SyncReply or an error."""

    group: str
    member_id: str
    instance_id: str | None
    generation: int
    protocol_type: str | None = None
    """None where the request does not say (before version 5); so with the protocol."""
    protocol: str | None = None
    assignments: tuple[Assignment, ...] = ()


class Heartbeat(msgspec.Struct, frozen=True):
    """Says that the member is alive. Answered by None or an error."""

    group: str
    member_id: str
    instance_id: str | None
    generation: int


class Leaving(msgspec.Struct, frozen=True):
    """A member that goes; one with an instance id may be named by that alone, with an empty member id."""

    member_id: str
    instance_id: str | None = None
    reason: str | None = None


class Leave(msgspec.Struct, frozen=True):
    """Removes members. Answered by a LeaveReply or an error."""

    group: str
    members: tuple[Leaving, ...]
