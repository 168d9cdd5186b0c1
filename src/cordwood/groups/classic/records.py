"""Every change that a classic group can go through.

Lives here: the records. Must not live here: what they do to a group (`replay`).

Two are stored. `GroupStored` is Kafka's GroupMetadataValue: one generation, whole, written when its assignment is known,
when the last member has gone, and when a static member gets another id. What happens between two of them is transient:
a restart brings the group back as it was stored, and members find their way from there.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

import msgspec

from cordwood.groups.classic.member import Member
from cordwood.groups.record import Record
from cordwood.model.decision import Ticket


class StoredMember(msgspec.Struct, frozen=True):
    """A member of a stored generation, with its metadata for the group's protocol."""

    member_id: str
    instance_id: str | None
    client_id: str
    client_host: str
    rebalance_timeout_ms: int
    session_timeout_ms: int
    subscription: bytes
    assignment: bytes


class GroupStored(Record, frozen=True):
    """A generation of a group, whole. Without members the group is empty."""

    generation: int
    protocol_type: str = ""
    protocol: str | None = None
    leader: str | None = None
    state_timestamp_ms: int = -1
    """When the group came into its state; -1 where an old record does not say."""
    members: tuple[StoredMember, ...] = ()


class GroupRemoved(Record, frozen=True):
    """The group is no more."""


class InitialDelay(msgspec.Struct, frozen=True):
    """The first rebalance of an empty group waits for more members, step by step."""

    step_ms: int
    """How long the wait under way takes."""
    remaining_ms: int
    """How much longer it may wait after that."""
    has_newcomer: bool = False
    """A member came while it waited: it waits on."""


class MemberIdGiven(Record, frozen=True):
    """A new member was told its id and has to come again with it."""

    stored: ClassVar[bool] = False
    member_id: str


class MemberIdLapsed(Record, frozen=True):
    """A member that was given an id did not come again, left, or was refused."""

    stored: ClassVar[bool] = False
    member_id: str


class MemberJoined(Record, frozen=True):
    """A member, new or known, has joined and waits for the next generation."""

    stored: ClassVar[bool] = False
    member: Member
    protocol_type: str
    initial_delay: InitialDelay | None = None
    """The group's initial delay from now on; None when it waits for no more members than it has."""


class MemberReplaced(Record, frozen=True):
    """A static member came back under another member id: the old one is fenced."""

    stored: ClassVar[bool] = False
    old_member_id: str
    member: Member


class Removal(Enum):
    """Why members were removed."""

    LEFT = "left"
    EXPIRED = "expired"
    NOT_REJOINED = "not-rejoined"
    NOT_SYNCED = "not-synced"
    REFUSED = "refused"


class MembersRemoved(Record, frozen=True):
    """Members are no longer in the group."""

    stored: ClassVar[bool] = False
    member_ids: tuple[str, ...]
    reason: Removal


class InitialDelayExtended(Record, frozen=True):
    """The first rebalance waits for more members once more."""

    stored: ClassVar[bool] = False
    initial_delay: InitialDelay


class RebalanceForced(Record, frozen=True):
    """A stable group has to rebalance though nobody came or went."""

    stored: ClassVar[bool] = False


class GenerationBegun(Record, frozen=True):
    """All who are members now have joined: the leader is about to assign."""

    stored: ClassVar[bool] = False
    generation: int
    protocol: str
    leader: str


class MemberSynced(Record, frozen=True):
    """A member has asked for its assignment; `ticket` waits for it, or is NO_TICKET when it was told at once."""

    stored: ClassVar[bool] = False
    member_id: str
    ticket: Ticket
