"""ListGroups: which groups a broker coordinates."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions, since


class ListGroupsRequest(Message):
    """Asks for all groups, or those in certain states (KIP-518) of certain types (KIP-848). Versions 0 to 5.

    An empty filter lets all through. Version 3 is flexible.
    """

    api_key = 16
    versions = Versions(0, 5)
    flexible_from = 3

    states_filter: Annotated[list[str], since(4)] = []
    types_filter: Annotated[list[str], since(5)] = []


class ListedGroup(Struct):
    """A group."""

    group_id: str = ""
    protocol_type: str = ""
    group_state: Annotated[str, since(4)] = ""
    group_type: Annotated[str, since(5)] = ""


class ListGroupsResponse(Message):
    """The groups. Versions 0 to 5."""

    api_key = 16
    versions = Versions(0, 5)
    flexible_from = 3

    throttle_time_ms: Annotated[Int32, since(1)] = 0
    error_code: Int16 = 0
    groups: list[ListedGroup] = []
