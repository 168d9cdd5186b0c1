"""ConsumerGroupHeartbeat: the one request by which a member joins, stays in and leaves a group (KIP-848)."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import NO_UUID, Int16, Int32, Message, Struct, Uuid, Versions, since


class TopicPartitions(Struct):
    """Partitions of one topic."""

    topic_id: Uuid = NO_UUID
    partitions: list[Int32] = []


class ConsumerGroupHeartbeatRequest(Message):
    """Says what changed since the last heartbeat; null, or -1, where nothing did. Versions 0 to 1, both flexible.

    The epoch is 0 to join, -1 to leave, -2 to leave as a static member that will be back. Since version 1 the member
    makes its own id, and may subscribe by a regular expression for the broker to resolve.
    """

    api_key = 68
    versions = Versions(0, 1)
    flexible_from = 0

    group_id: str = ""
    member_id: str = ""
    member_epoch: Int32 = 0
    instance_id: str | None = None
    rack_id: str | None = None
    rebalance_timeout_ms: Int32 = -1
    subscribed_topic_names: list[str] | None = None
    subscribed_topic_regex: Annotated[str | None, since(1)] = None
    server_assignor: str | None = None
    topic_partitions: list[TopicPartitions] | None = None


class Assignment(Struct):
    """The partitions that a member may read now."""

    topic_partitions: list[TopicPartitions] = []


class ConsumerGroupHeartbeatResponse(Message):
    """The member's epoch, and its assignment where that is to change. Versions 0 to 1."""

    api_key = 68
    versions = Versions(0, 1)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
    member_id: str | None = None
    member_epoch: Int32 = 0
    heartbeat_interval_ms: Int32 = 0
    assignment: Assignment | None = None
