"""A group of the classic protocol: record type 2 of __consumer_offsets.

Lives here: declarations, with the names and defaults of Kafka's own schemas. Must not live here: code.
"""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Format, Int32, Int64, Struct, Versions, since


class GroupMetadataKey(Format):
    """A group."""

    versions = Versions(0, 0)

    group: str = ""


class MemberMetadata(Struct):
    """A member, its subscription in the protocol that the group chose, and its assignment; both are opaque."""

    member_id: str = ""
    group_instance_id: Annotated[str | None, since(3)] = None
    client_id: str = ""
    client_host: str = ""
    rebalance_timeout: Annotated[Int32, since(1)] = -1
    session_timeout: Int32 = 0
    subscription: bytes = b""
    assignment: bytes = b""


class GroupMetadataValue(Format):
    """One generation of a group, whole. Versions 0 to 4; 4 is flexible. Kafka writes version 3."""

    versions = Versions(0, 4)
    flexible_from = 4

    protocol_type: str = ""
    generation: Int32 = 0
    protocol: str | None = None
    leader: str | None = None
    current_state_timestamp: Annotated[Int64, since(2)] = -1
    members: list[MemberMetadata] = []
