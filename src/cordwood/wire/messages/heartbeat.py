"""Heartbeat: a member of a classic group is alive."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Message, Versions, since


class HeartbeatRequest(Message):
    """Says that a member is alive. Versions 0 to 4; 3 brings static members, 4 is flexible."""

    api_key = 12
    versions = Versions(0, 4)
    flexible_from = 4

    group_id: str = ""
    generation_id: Int32 = 0
    member_id: str = ""
    group_instance_id: Annotated[str | None, since(3)] = None


class HeartbeatResponse(Message):
    """Whether the member may go on; REBALANCE_IN_PROGRESS asks it to join again. Versions 0 to 4."""

    api_key = 12
    versions = Versions(0, 4)
    flexible_from = 4

    throttle_time_ms: Annotated[Int32, since(1)] = 0
    error_code: Int16 = 0
