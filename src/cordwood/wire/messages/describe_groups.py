"""DescribeGroups: the state and the members of classic groups."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions, since


class DescribeGroupsRequest(Message):
    """Asks for groups by name. Versions 0 to 6; 5 is flexible."""

    api_key = 15
    versions = Versions(0, 6)
    flexible_from = 5

    groups: list[str] = []
    include_authorized_operations: Annotated[bool, since(3)] = False


class DescribedGroupMember(Struct):
    """A member, with its metadata for the protocol that the group chose, and its assignment."""

    member_id: str = ""
    group_instance_id: Annotated[str | None, since(4)] = None
    client_id: str = ""
    client_host: str = ""
    member_metadata: bytes = b""
    member_assignment: bytes = b""


class DescribedGroup(Struct):
    """A group and its members; one that does not exist is in the state Dead."""

    error_code: Int16 = 0
    error_message: Annotated[str | None, since(6)] = None
    group_id: str = ""
    group_state: str = ""
    protocol_type: str = ""
    protocol_data: str = ""
    members: list[DescribedGroupMember] = []
    authorized_operations: Annotated[Int32, since(3)] = -0x80000000


class DescribeGroupsResponse(Message):
    """The groups. Versions 0 to 6; 6 answers GROUP_ID_NOT_FOUND with a message (KIP-1043)."""

    api_key = 15
    versions = Versions(0, 6)
    flexible_from = 5

    throttle_time_ms: Annotated[Int32, since(1)] = 0
    groups: list[DescribedGroup] = []
