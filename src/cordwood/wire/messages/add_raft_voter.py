"""AddRaftVoter: a node begins to vote on the metadata."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import NO_UUID, Int16, Int32, Message, Struct, UInt16, Uuid, Versions, since


class Listener(Struct):
    """An endpoint of the node."""

    name: str = ""
    host: str = ""
    port: UInt16 = 0


class AddRaftVoterRequest(Message):
    """Adds a voter (KIP-853). Versions 0 to 1; 1 can be answered before the new set of voters is committed."""

    api_key = 80
    versions = Versions(0, 1)
    flexible_from = 0

    cluster_id: str | None = None
    timeout_ms: Int32 = 0
    voter_id: Int32 = 0
    voter_directory_id: Uuid = NO_UUID
    listeners: list[Listener] = []
    ack_when_committed: Annotated[bool, since(1)] = True


class AddRaftVoterResponse(Message):
    """The outcome. Versions 0 to 1."""

    api_key = 80
    versions = Versions(0, 1)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
