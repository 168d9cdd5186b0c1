"""JoinGroup: the first half of a rebalance, in which members gather."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions, nullable, since


class JoinGroupRequestProtocol(Struct):
    """A way to share the work that the member knows, with what it has to say for it."""

    name: str = ""
    metadata: bytes = b""


class JoinGroupRequest(Message):
    """Asks to be a member of the next generation. Versions 0 to 9; 6 is flexible.

    Since version 4 a new member is first told its id and joins again (KIP-394); 5 brings static members (KIP-345); 8 a
    reason (KIP-800).
    """

    api_key = 11
    versions = Versions(0, 9)
    flexible_from = 6

    group_id: str = ""
    session_timeout_ms: Int32 = 0
    rebalance_timeout_ms: Annotated[Int32, since(1)] = -1
    member_id: str = ""
    group_instance_id: Annotated[str | None, since(5)] = None
    protocol_type: str = ""
    protocols: list[JoinGroupRequestProtocol] = []
    reason: Annotated[str | None, since(8)] = None


class JoinGroupResponseMember(Struct):
    """A member, as the leader sees it."""

    member_id: str = ""
    group_instance_id: Annotated[str | None, since(5)] = None
    metadata: bytes = b""


class JoinGroupResponse(Message):
    """The new generation, and to the leader its members. Versions 0 to 9.

    Since version 9 a leader may be told that the assignment stands (KIP-814).
    """

    api_key = 11
    versions = Versions(0, 9)
    flexible_from = 6

    throttle_time_ms: Annotated[Int32, since(2)] = 0
    error_code: Int16 = 0
    generation_id: Int32 = -1
    protocol_type: Annotated[str | None, since(7)] = None
    protocol_name: Annotated[str | None, nullable(since=7)] = ""
    leader: str = ""
    skip_assignment: Annotated[bool, since(9)] = False
    member_id: str = ""
    members: list[JoinGroupResponseMember] = []
