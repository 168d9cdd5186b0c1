"""One member of a classic group.

Lives here: what is known of it, as a value. Must not live here: the group's rules. A member is never changed but
replaced by another value, so a draft of a group can share those of the group.
"""

from __future__ import annotations

import msgspec

from cordwood.model.decision import NO_TICKET, Ticket


class MemberProtocol(msgspec.Struct, frozen=True):
    """A way to share the work that a member knows (an assignor), and what it has to say for it; opaque bytes."""

    name: str
    metadata: bytes


class Member(msgspec.Struct, frozen=True):
    """A member that has joined."""

    member_id: str
    instance_id: str | None
    client_id: str
    client_host: str
    session_timeout_ms: int
    rebalance_timeout_ms: int
    protocols: tuple[MemberProtocol, ...]
    assignment: bytes = b""
    is_new: bool = False
    """It has never been in a generation: it does not know its id, so it cannot send heartbeats."""
    must_sync: bool = False
    """It is in the generation and has not asked for its assignment yet."""
    join_ticket: Ticket = NO_TICKET
    """Who waits for the generation to begin."""
    sync_ticket: Ticket = NO_TICKET
    """Who waits for the leader's assignment."""

    @property
    def is_joining(self) -> bool:
        return self.join_ticket != NO_TICKET

    @property
    def is_waiting(self) -> bool:
        """Whether the member waits for the group and so need not send heartbeats; a new one has to be quick enough."""
        return not self.is_new and (self.join_ticket != NO_TICKET or self.sync_ticket != NO_TICKET)

    def metadata(self, protocol: str | None) -> bytes | None:
        """What the member says for this protocol; None when it does not know it."""
        return next((known.metadata for known in self.protocols if known.name == protocol), None)
