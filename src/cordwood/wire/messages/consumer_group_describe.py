"""ConsumerGroupDescribe: the state and the members of groups of the new protocol (KIP-848)."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import NO_UUID, DefaultStruct, Int8, Int16, Int32, Message, Struct, Uuid, Versions, since


class ConsumerGroupDescribeRequest(Message):
    """Asks for groups by name. Versions 0 to 1, both flexible."""

    api_key = 69
    versions = Versions(0, 1)
    flexible_from = 0

    group_ids: list[str] = []
    include_authorized_operations: bool = False


class TopicPartitions(Struct):
    """Partitions of one topic."""

    topic_id: Uuid = NO_UUID
    topic_name: str = ""
    partitions: list[Int32] = []


class Assignment(DefaultStruct, frozen=True):
    """Partitions of a member."""

    topic_partitions: list[TopicPartitions] = []


class Member(Struct):
    """A member: what it subscribes to, what it has, and what it is to have."""

    member_id: str = ""
    instance_id: str | None = None
    rack_id: str | None = None
    member_epoch: Int32 = 0
    client_id: str = ""
    client_host: str = ""
    subscribed_topic_names: list[str] = []
    subscribed_topic_regex: str | None = None
    assignment: Assignment = Assignment()
    target_assignment: Assignment = Assignment()
    member_type: Annotated[Int8, since(1)] = -1


class DescribedGroup(Struct):
    """A group and its members, or why they cannot be told."""

    error_code: Int16 = 0
    error_message: str | None = None
    group_id: str = ""
    group_state: str = ""
    group_epoch: Int32 = 0
    assignment_epoch: Int32 = 0
    assignor_name: str = ""
    members: list[Member] = []
    authorized_operations: Int32 = -0x80000000


class ConsumerGroupDescribeResponse(Message):
    """The groups. Versions 0 to 1; 1 tells classic members (0) from those of the new protocol (1)."""

    api_key = 69
    versions = Versions(0, 1)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    groups: list[DescribedGroup] = []
