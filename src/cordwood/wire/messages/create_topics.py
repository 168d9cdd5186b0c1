"""CreateTopics: new topics, with their partitions and configs."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import NO_UUID, Int8, Int16, Int32, Message, Struct, Uuid, Versions, since, tagged


class CreatableReplicaAssignment(Struct):
    """The brokers of one partition."""

    partition_index: Int32 = 0
    broker_ids: list[Int32] = []


class CreatableTopicConfig(Struct):
    """A setting of the new topic."""

    name: str = ""
    value: str | None = None


class CreatableTopic(Struct):
    """One topic to create: by numbers, or with the brokers of every partition."""

    name: str = ""
    num_partitions: Int32 = 0
    replication_factor: Int16 = 0
    assignments: list[CreatableReplicaAssignment] = []
    configs: list[CreatableTopicConfig] = []


class CreateTopicsRequest(Message):
    """Creates topics. Versions 2 to 7; 5 is flexible.

    Since version 4 the numbers of partitions and replicas may be -1, which asks for the broker's defaults (KIP-464).
    """

    api_key = 19
    versions = Versions(2, 7)
    flexible_from = 5

    topics: list[CreatableTopic] = []
    timeout_ms: Int32 = 60000
    validate_only: bool = False


class CreatableTopicConfigs(Struct):
    """A setting that the new topic has."""

    name: str = ""
    value: str | None = None
    read_only: bool = False
    config_source: Int8 = -1
    is_sensitive: bool = False


class CreatableTopicResult(Struct):
    """The topic as it was created, or why it was not."""

    name: str = ""
    topic_id: Annotated[Uuid, since(7)] = NO_UUID
    error_code: Int16 = 0
    error_message: str | None = None
    topic_config_error_code: Annotated[Int16, tagged(0, since=5)] = 0
    num_partitions: Annotated[Int32, since(5)] = -1
    replication_factor: Annotated[Int16, since(5)] = -1
    configs: Annotated[list[CreatableTopicConfigs] | None, since(5)] = None


class CreateTopicsResponse(Message):
    """The outcome for each topic. Versions 2 to 7.

    Version 5 tells what was created (KIP-525), 7 its id.
    """

    api_key = 19
    versions = Versions(2, 7)
    flexible_from = 5

    throttle_time_ms: Int32 = 0
    topics: list[CreatableTopicResult] = []
