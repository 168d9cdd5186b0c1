"""The cluster as clients see it: Metadata (3), DescribeCluster (60), DescribeTopicPartitions (75).

A missing topic is created on the way if both the client and `auto.create.topics.enable` allow it, and it is there
before the answer leaves. Addresses are those of the listener that the question came in by; a partition whose leader has
no such listener has none for who asks. Left out: fenced brokers, since no broker is ever fenced yet.
"""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Iterable, Sequence
from typing import Final, NamedTuple

from cordwood.broker.context import Call, Context
from cordwood.metadata import Broker, Endpoint, Image, Partition, Topic, topics
from cordwood.metadata.names import check_name
from cordwood.metadata.topics import NewTopic
from cordwood.model.errors import CordwoodError, TopicExists, UnknownTopic, UnknownTopicId
from cordwood.model.ids import NO_TOPIC_ID, TopicId
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.describe_cluster import (
    DescribeClusterBroker,
    DescribeClusterRequest,
    DescribeClusterResponse,
)
from cordwood.wire.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
)
from cordwood.wire.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)

TOPIC_OPERATIONS: Final = 0b1101_1111_1000
"""READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS: all of a topic's ACL operations."""

CLUSTER_OPERATIONS: Final = 0b1_1111_1010_0000
"""CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE: all of a cluster's."""

NO_OPERATIONS: Final = -(1 << 31)
NOBODY: Final = -1
FIRST_VERSION_WITH_NULL_NAMES: Final = 12
FIRST_VERSION_WITH_LISTENER_NOT_FOUND: Final = 6
PARTITION_LIMIT: Final = 2000
"""Kafka's max.request.partition.size.limit: how many partitions one DescribeTopicPartitions answers."""


class Reach(NamedTuple):
    """Which brokers a client can be sent to, and what it is told of the partitions of others."""

    brokers: Collection[int]
    otherwise: ErrorCode


# Metadata.


def handle_metadata(
    context: Context, call: Call, request: MetadataRequest
) -> MetadataResponse | Coroutine[None, None, MetadataResponse]:
    """Answers at once, or after creating what is missing. An id counts before a name, which Java leaves empty."""
    missing = _missing_topics(context, request)
    if missing:
        return _create_then_answer(context, call, request, missing)
    return _metadata(context, call, request, {})


async def _create_then_answer(
    context: Context, call: Call, request: MetadataRequest, missing: list[str]
) -> MetadataResponse:
    refused: dict[str, CordwoodError] = {}
    wanted = [NewTopic(name=name) for name in missing]
    try:
        created = await context.controller.propose(
            lambda image: topics.create(
                image,
                wanted,
                new_id=lambda: topics.new_topic_id(context.dice.token),
                defaults=context.settings.topic_defaults,
            )
        )
    except CordwoodError as error:
        refused = dict.fromkeys(missing, error)
    else:
        for item in created:
            if item.error is not None and not isinstance(item.error, TopicExists):
                refused[item.name] = item.error
    return _metadata(context, call, request, refused)


def _wants_all(call: Call, request: MetadataRequest) -> bool:
    """No list means all topics; in version 0, which cannot say "no list", an empty one does."""
    return request.topics is None or (call.api_version == 0 and not request.topics)


def _missing_topics(context: Context, request: MetadataRequest) -> list[str]:
    if not (request.topics and request.allow_auto_topic_creation and context.settings.auto_create_topics):
        return []
    known, creates = context.image.topics, context.settings.topic_defaults.creates
    named = dict.fromkeys(topic.name for topic in request.topics if topic.name and topic.name not in known)
    return [name for name in named if creates(name)]


def _metadata(
    context: Context, call: Call, request: MetadataRequest, refused: dict[str, CordwoodError]
) -> MetadataResponse:
    image = context.image
    knows_listeners = call.api_version >= FIRST_VERSION_WITH_LISTENER_NOT_FOUND
    otherwise = ErrorCode.LISTENER_NOT_FOUND if knows_listeners else ErrorCode.LEADER_NOT_AVAILABLE
    reach = _reach(image, call, otherwise)
    if _wants_all(call, request):
        described = [_known_topic(context, reach, topic) for topic in image.topics.values()]
    else:
        nameless = None if call.api_version >= FIRST_VERSION_WITH_NULL_NAMES else ""
        described = [_asked_topic(context, reach, asked, refused, nameless) for asked in request.topics or ()]
    if request.include_topic_authorized_operations:
        for topic in described:
            topic.topic_authorized_operations = NO_OPERATIONS if topic.error_code else TOPIC_OPERATIONS
    return MetadataResponse(
        brokers=[
            MetadataResponseBroker(node_id=broker.id, host=endpoint.host, port=endpoint.port, rack=broker.rack)
            for broker, endpoint in _reachable(image, call.session.listener)
        ],
        cluster_id=image.cluster_id,
        controller_id=context.controller_id,
        topics=described,
        cluster_authorized_operations=(
            CLUSTER_OPERATIONS if request.include_cluster_authorized_operations else NO_OPERATIONS
        ),
    )


def _reachable(image: Image, listener: str) -> Iterable[tuple[Broker, Endpoint]]:
    """The brokers that have this listener, with their advertised address there."""
    for broker in image.brokers.values():
        endpoint = broker.endpoint(listener)
        if endpoint is not None:
            yield broker, endpoint


def _reach(image: Image, call: Call, otherwise: ErrorCode) -> Reach:
    return Reach({broker.id for broker, _ in _reachable(image, call.session.listener)}, otherwise)


def _asked_topic(
    context: Context,
    reach: Reach,
    asked: MetadataRequestTopic,
    refused: dict[str, CordwoodError],
    nameless: str | None,
) -> MetadataResponseTopic:
    image = context.image
    try:
        if asked.name is None or asked.topic_id != NO_TOPIC_ID:  # Java's client sends an empty name beside the id.
            return _known_topic(context, reach, image.topic_by_id(TopicId(asked.topic_id)))
        if asked.name in refused:
            raise refused[asked.name]
        check_name(asked.name)
        return _known_topic(context, reach, image.topic(asked.name))
    except UnknownTopicId as error:
        return MetadataResponseTopic(error_code=code_of(error), name=nameless, topic_id=asked.topic_id)
    except CordwoodError as error:
        return MetadataResponseTopic(error_code=code_of(error), name=asked.name)


def _known_topic(context: Context, reach: Reach, topic: Topic) -> MetadataResponseTopic:
    return MetadataResponseTopic(
        name=topic.name,
        topic_id=topic.id,
        is_internal=topic.internal,
        partitions=[_known_partition(context, reach, topic.name, partition) for partition in topic.partitions],
    )


def _known_partition(context: Context, reach: Reach, topic: str, partition: Partition) -> MetadataResponsePartition:
    leader, offline, error = _leader(context, reach, topic, partition)
    return MetadataResponsePartition(
        error_code=error,
        partition_index=partition.index,
        leader_id=leader,
        leader_epoch=partition.leader_epoch,
        replica_nodes=list(partition.replicas),
        isr_nodes=list(partition.isr),
        offline_replicas=offline,
    )


def _leader(context: Context, reach: Reach, topic: str, partition: Partition) -> tuple[int, list[int], ErrorCode]:
    """The leader, the replicas that are offline (this broker's, when its storage fails it), and why nobody leads."""
    own = context.settings.broker_id
    leader = partition.leader
    offline: list[int] = []
    if own in partition.replicas and context.partitions.is_offline(topic, partition.index):
        offline = [own]
    if leader < 0 or leader in offline:
        return NOBODY, offline, ErrorCode.LEADER_NOT_AVAILABLE
    if leader not in reach.brokers:
        return NOBODY, offline, reach.otherwise
    return leader, offline, ErrorCode.NONE


# DescribeCluster.


def handle_describe_cluster(context: Context, call: Call, request: DescribeClusterRequest) -> DescribeClusterResponse:
    """The brokers of the cluster."""
    if request.endpoint_type != 1:
        code = ErrorCode.MISMATCHED_ENDPOINT_TYPE if request.endpoint_type == 2 else ErrorCode.UNSUPPORTED_ENDPOINT_TYPE
        return DescribeClusterResponse(
            error_code=code, error_message="this is a broker's endpoint", endpoint_type=request.endpoint_type
        )
    image = context.image
    return DescribeClusterResponse(
        cluster_id=image.cluster_id,
        controller_id=context.controller_id,
        brokers=[
            DescribeClusterBroker(broker_id=broker.id, host=endpoint.host, port=endpoint.port, rack=broker.rack)
            for broker, endpoint in _reachable(image, call.session.listener)
        ],
        cluster_authorized_operations=(
            CLUSTER_OPERATIONS if request.include_cluster_authorized_operations else NO_OPERATIONS
        ),
    )


# DescribeTopicPartitions.


def handle_describe_topic_partitions(
    context: Context, call: Call, request: DescribeTopicPartitionsRequest
) -> DescribeTopicPartitionsResponse:
    """Topics by name, as many partitions as the limit allows, and a cursor to the rest (KIP-966)."""
    image = context.image
    response = DescribeTopicPartitionsResponse()
    reach = _reach(image, call, ErrorCode.LISTENER_NOT_FOUND)
    left = max(1, min(request.response_partition_limit, PARTITION_LIMIT))
    cursor = request.cursor
    for name in _names_from(image, request):
        if left <= 0:
            response.next_cursor = Cursor(topic_name=name, partition_index=0)
            break
        first = max(0, cursor.partition_index) if cursor is not None and cursor.topic_name == name else 0
        described, cut_at = _describe_topic(context, reach, name, first, left)
        response.topics.append(described)
        left -= len(described.partitions)
        if cut_at is not None:
            response.next_cursor = Cursor(topic_name=name, partition_index=cut_at)
            break
    return response


def _names_from(image: Image, request: DescribeTopicPartitionsRequest) -> Sequence[str]:
    """The asked topics, or all, in order, from the cursor on."""
    names = sorted({topic.name for topic in request.topics} or image.topics)
    if request.cursor is not None:
        names = [name for name in names if name >= request.cursor.topic_name]
    return names


def _describe_topic(
    context: Context, reach: Reach, name: str, first: int, limit: int
) -> tuple[DescribeTopicPartitionsResponseTopic, int | None]:
    """The topic's partitions [first, first + limit), and the index of the next one if that is not all."""
    try:
        check_name(name)
        topic = context.image.topic(name)
    except CordwoodError as error:
        code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION if isinstance(error, UnknownTopic) else code_of(error)
        return DescribeTopicPartitionsResponseTopic(error_code=code, name=name), None
    described = DescribeTopicPartitionsResponseTopic(
        name=name,
        topic_id=topic.id,
        is_internal=topic.internal,
        partitions=[
            _described_partition(context, reach, name, partition)
            for partition in topic.partitions[first : first + limit]
        ],
        topic_authorized_operations=TOPIC_OPERATIONS,
    )
    end = first + limit
    return described, end if end < len(topic.partitions) else None


def _described_partition(
    context: Context, reach: Reach, topic: str, partition: Partition
) -> DescribeTopicPartitionsResponsePartition:
    leader, offline, error = _leader(context, reach, topic, partition)
    return DescribeTopicPartitionsResponsePartition(
        error_code=error,
        partition_index=partition.index,
        leader_id=leader,
        leader_epoch=partition.leader_epoch,
        replica_nodes=list(partition.replicas),
        isr_nodes=list(partition.isr),
        eligible_leader_replicas=[],
        last_known_elr=[],
        offline_replicas=offline,
    )
