"""What members of a classic group are told.

Lives here: the replies. Must not live here: their wire versions and error codes.
"""

from __future__ import annotations

import msgspec

from cordwood.model.errors import CordwoodError


class JoinedMember(msgspec.Struct, frozen=True):
    """A member as the leader sees it: with its metadata for the chosen protocol."""

    member_id: str
    instance_id: str | None
    metadata: bytes


class JoinReply(msgspec.Struct, frozen=True):
    """The generation that begins, or why the member is not in it."""

    member_id: str
    error: CordwoodError | None = None
    generation: int = -1
    protocol_type: str | None = None
    protocol: str | None = None
    leader: str = ""
    members: tuple[JoinedMember, ...] = ()
    """All members, for the leader only."""
    skip_assignment: bool = False
    """The leader need not assign: what was assigned stands."""


class SyncReply(msgspec.Struct, frozen=True):
    """The member's assignment."""

    protocol_type: str | None
    protocol: str | None
    assignment: bytes


class LeftMember(msgspec.Struct, frozen=True):
    """The outcome for one member, named as the request named it."""

    member_id: str
    instance_id: str | None
    error: CordwoodError | None = None


class LeaveReply(msgspec.Struct, frozen=True):
    """The outcome for each member, in the order of the request."""

    members: tuple[LeftMember, ...]
