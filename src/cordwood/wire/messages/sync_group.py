"""SyncGroup: the second half of a rebalance, in which members get their assignment."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions, since


class SyncGroupRequestAssignment(Struct):
    """The assignment of one member, opaque to the broker."""

    member_id: str = ""
    assignment: bytes = b""


class SyncGroupRequest(Message):
    """Asks for the member's assignment; the leader brings those of all. Versions 0 to 5; 4 is flexible."""

    api_key = 14
    versions = Versions(0, 5)
    flexible_from = 4

    group_id: str = ""
    generation_id: Int32 = 0
    member_id: str = ""
    group_instance_id: Annotated[str | None, since(3)] = None
    protocol_type: Annotated[str | None, since(5)] = None
    protocol_name: Annotated[str | None, since(5)] = None
    assignments: list[SyncGroupRequestAssignment] = []


class SyncGroupResponse(Message):
    """The member's assignment. Versions 0 to 5; 5 names the protocol (KIP-559)."""

    api_key = 14
    versions = Versions(0, 5)
    flexible_from = 4

    throttle_time_ms: Annotated[Int32, since(1)] = 0
    error_code: Int16 = 0
    protocol_type: Annotated[str | None, since(5)] = None
    protocol_name: Annotated[str | None, since(5)] = None
    assignment: bytes = b""
