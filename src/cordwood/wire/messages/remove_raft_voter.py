"""RemoveRaftVoter: a node votes no longer on the metadata."""

from __future__ import annotations

from cordwood.wire.schema import NO_UUID, Int16, Int32, Message, Uuid, Versions


class RemoveRaftVoterRequest(Message):
    """Removes a voter (KIP-853). Version 0."""

    api_key = 81
    versions = Versions(0, 0)
    flexible_from = 0

    cluster_id: str | None = None
    voter_id: Int32 = 0
    voter_directory_id: Uuid = NO_UUID


class RemoveRaftVoterResponse(Message):
    """The outcome. Version 0."""

    api_key = 81
    versions = Versions(0, 0)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
