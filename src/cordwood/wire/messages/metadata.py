"""Metadata: which brokers there are, which topics, and who leads their partitions."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import NO_UUID, Int16, Int32, Message, Struct, Uuid, Versions, between, nullable, since


class MetadataRequestTopic(Struct):
    """A topic by name, or by id."""

    topic_id: Annotated[Uuid, since(10)] = NO_UUID
    name: Annotated[str | None, nullable(since=10)] = ""


class MetadataRequest(Message):
    """Asks for topics: null for all, an empty list for none (in version 0: for all). Versions 0 to 13.

    Version 4 adds the wish for automatic creation, 9 is flexible, 10 to 12 bring topic ids (KIP-516).
    """

    api_key = 3
    versions = Versions(0, 13)
    flexible_from = 9

    topics: Annotated[list[MetadataRequestTopic] | None, nullable(since=1)] = []
    allow_auto_topic_creation: Annotated[bool, since(4)] = True
    include_cluster_authorized_operations: Annotated[bool, between(8, 10)] = False
    include_topic_authorized_operations: Annotated[bool, since(8)] = False


class MetadataResponseBroker(Struct):
    """A broker and where to reach it."""

    node_id: Int32 = 0
    host: str = ""
    port: Int32 = 0
    rack: Annotated[str | None, since(1)] = None


class MetadataResponsePartition(Struct):
    """A partition, its leader and its replicas."""

    error_code: Int16 = 0
    partition_index: Int32 = 0
    leader_id: Int32 = 0
    leader_epoch: Annotated[Int32, since(7)] = -1
    replica_nodes: list[Int32] = []
    isr_nodes: list[Int32] = []
    offline_replicas: Annotated[list[Int32], since(5)] = []


class MetadataResponseTopic(Struct):
    """A topic, or why it cannot be told."""

    error_code: Int16 = 0
    name: Annotated[str | None, nullable(since=12)] = ""
    topic_id: Annotated[Uuid, since(10)] = NO_UUID
    is_internal: Annotated[bool, since(1)] = False
    partitions: list[MetadataResponsePartition] = []
    topic_authorized_operations: Annotated[Int32, since(8)] = -0x80000000


class MetadataResponse(Message):
    """The cluster as a client needs to know it. Versions 0 to 13.

    Version 7 adds leader epochs, 10 topic ids; since 12 the name of a topic may be null when its id is not known.
    """

    api_key = 3
    versions = Versions(0, 13)
    flexible_from = 9

    throttle_time_ms: Annotated[Int32, since(3)] = 0
    brokers: list[MetadataResponseBroker] = []
    cluster_id: Annotated[str | None, since(2)] = None
    controller_id: Annotated[Int32, since(1)] = -1
    topics: list[MetadataResponseTopic] = []
    cluster_authorized_operations: Annotated[Int32, between(8, 10)] = -0x80000000
    error_code: Annotated[Int16, since(13)] = 0
