"""The cluster as clients see it: Metadata (3), DescribeCluster (60).

A missing topic is created on the way if both the client and `auto.create.topics.enable` allow it, and it is there
before the answer leaves. Addresses are those of the listener that the question came in by; a partition whose leader has
no such listener has none for who asks. Left out: fenced brokers, since no broker is ever fenced yet.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.broker.operations import CLUSTER_OPERATIONS, NO_OPERATIONS, TOPIC_OPERATIONS
from cordwood.broker.reach import Reach, leader_of, reach_of, reachable
from cordwood.metadata import Partition, Topic, topics
from cordwood.metadata.names import check_name
from cordwood.metadata.topics import NewTopic
from cordwood.model.errors import CordwoodError, TopicExists, UnknownTopicId
from cordwood.model.ids import NO_TOPIC_ID, TopicId
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.describe_cluster import (
    DescribeClusterBroker,
    DescribeClusterRequest,
    DescribeClusterResponse,
)
from cordwood.wire.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)

FIRST_VERSION_WITH_NULL_NAMES: Final = 12
FIRST_VERSION_WITH_LISTENER_NOT_FOUND: Final = 6
BROKERS: Final = 1
CONTROLLERS: Final = 2


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
    reach = reach_of(image, call, otherwise)
    if _wants_all(call, request):
        described = [_known_topic(context, reach, topic) for topic in image.topics.values()]
    else:
        nameless = None if call.api_version >= FIRST_VERSION_WITH_NULL_NAMES else ""
        described = [_asked_topic(context, reach, asked, refused, nameless) for asked in request.topics or ()]
    if request.include_topic_authorized_operations:
        for topic in described:
            if topic.error_code != ErrorCode.UNKNOWN_TOPIC_ID:  # Who may do what is asked by name.
                topic.topic_authorized_operations = TOPIC_OPERATIONS
    return MetadataResponse(
        brokers=[
            MetadataResponseBroker(node_id=broker.id, host=endpoint.host, port=endpoint.port, rack=broker.rack)
            for broker, endpoint in reachable(image, call.session.listener)
        ],
        cluster_id=image.cluster_id,
        controller_id=context.controller_id,
        topics=described,
        cluster_authorized_operations=(
            CLUSTER_OPERATIONS if request.include_cluster_authorized_operations else NO_OPERATIONS
        ),
    )


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
    leader, offline, error = leader_of(context, reach, topic, partition)
    return MetadataResponsePartition(
        error_code=error,
        partition_index=partition.index,
        leader_id=leader,
        leader_epoch=partition.leader_epoch,
        replica_nodes=list(partition.replicas),
        isr_nodes=list(partition.isr),
        offline_replicas=offline,
    )


# DescribeCluster.


def handle_describe_cluster(context: Context, call: Call, request: DescribeClusterRequest) -> DescribeClusterResponse:
    """The brokers of the cluster; whoever wants the fenced ones, too, gets the same, since none ever is."""
    if request.endpoint_type == CONTROLLERS:
        return DescribeClusterResponse(
            error_code=ErrorCode.MISMATCHED_ENDPOINT_TYPE,
            error_message="this endpoint is one of brokers: ask it for brokers; DescribeQuorum tells the controllers",
        )
    if request.endpoint_type != BROKERS:
        return DescribeClusterResponse(
            error_code=ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
            error_message=f"there are no endpoints of type {request.endpoint_type}",
        )
    image = context.image
    return DescribeClusterResponse(
        cluster_id=image.cluster_id,
        controller_id=context.controller_id,
        brokers=[
            DescribeClusterBroker(broker_id=broker.id, host=endpoint.host, port=endpoint.port, rack=broker.rack)
            for broker, endpoint in reachable(image, call.session.listener)
        ],
        cluster_authorized_operations=(
            CLUSTER_OPERATIONS if request.include_cluster_authorized_operations else NO_OPERATIONS
        ),
    )
