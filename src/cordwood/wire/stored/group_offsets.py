"""How far a group has read: record type 1 of __consumer_offsets.

Lives here: declarations, with the names and defaults of Kafka's own schemas. Must not live here: code.
"""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import NO_UUID, Format, Int32, Int64, Uuid, Versions, between, since, tagged


class OffsetCommitKey(Format):
    """The offset of a group in one partition."""

    versions = Versions(0, 0)

    group: str = ""
    topic: str = ""
    partition: Int32 = 0


class OffsetCommitValue(Format):
    """The next offset to read. Versions 0 to 4; 4 is flexible and names the topic's id.

    Kafka 4.3 writes version 4, and version 1 where the client gave a retention time: `expire_timestamp` is then when the
    offset goes.
    """

    versions = Versions(0, 4)
    flexible_from = 4

    offset: Int64 = 0
    leader_epoch: Annotated[Int32, since(3)] = -1
    metadata: str = ""
    commit_timestamp: Int64 = 0
    expire_timestamp: Annotated[Int64, between(1, 1)] = -1
    topic_id: Annotated[Uuid, tagged(0, since=4)] = NO_UUID
