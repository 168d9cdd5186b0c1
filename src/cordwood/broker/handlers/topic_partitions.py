"""Topics page by page: DescribeTopicPartitions (75, KIP-966).

Topics come in the order of their names, and a page has so many partitions at most; the cursor says where the next page
begins. No partition has eligible leaders outside of its ISR: that is for partitions with several replicas.
"""

from __future__ import annotations

from collections.abc import Sequence

from cordwood.broker.context import Call, Context
from cordwood.broker.operations import TOPIC_OPERATIONS
from cordwood.broker.reach import Reach, leader_of, reach_of
from cordwood.metadata import Image, Partition
from cordwood.metadata.names import check_name
from cordwood.model.errors import CordwoodError, InvalidRequest, InvalidTopicName
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
)


def handle_describe_topic_partitions(
    context: Context, call: Call, request: DescribeTopicPartitionsRequest
) -> DescribeTopicPartitionsResponse:
    """Topics by name, or all, as many partitions as the limit allows, and a cursor to the rest."""
    try:
        names = _names_from(context.image, request)
    except InvalidRequest as error:
        return DescribeTopicPartitionsResponse(topics=[_refused(topic.name, error) for topic in request.topics])
    response = DescribeTopicPartitionsResponse()
    reach = reach_of(context.image, call, ErrorCode.LISTENER_NOT_FOUND)
    left = max(1, min(request.response_partition_limit, context.settings.partition_request_limit))
    cursor = request.cursor
    for name in names:
        if left <= 0:
            response.next_cursor = Cursor(topic_name=name, partition_index=0)
            break
        first = cursor.partition_index if cursor is not None and cursor.topic_name == name else 0
        described, cut_at = _describe_topic(context, reach, name, first, left)
        response.topics.append(described)
        left -= len(described.partitions)
        if cut_at is not None:
            response.next_cursor = Cursor(topic_name=name, partition_index=cut_at)
            break
    return response


def _names_from(image: Image, request: DescribeTopicPartitionsRequest) -> Sequence[str]:
    """The asked topics, or all, in order, from the cursor on.

    Among all topics the one of the cursor may have gone. Raises InvalidRequest for a cursor that is none of these.
    """
    asked = {topic.name for topic in request.topics}
    cursor = request.cursor
    if cursor is None:
        return sorted(asked or image.topics)
    if cursor.partition_index < 0:
        raise InvalidRequest(f"the cursor begins at partition {cursor.partition_index}: 0 is the first")
    if asked and cursor.topic_name not in asked:
        raise InvalidRequest(f"the cursor is at topic {cursor.topic_name}, which is not among those asked for")
    return sorted(name for name in asked or image.topics if name >= cursor.topic_name)


def _refused(name: str, error: CordwoodError) -> DescribeTopicPartitionsResponseTopic:
    return DescribeTopicPartitionsResponseTopic(error_code=code_of(error), name=name)


def _describe_topic(
    context: Context, reach: Reach, name: str, first: int, limit: int
) -> tuple[DescribeTopicPartitionsResponseTopic, int | None]:
    """The topic's partitions [first, first + limit), and the index of the next one if that is not all."""
    try:
        check_name(name)
        topic = context.image.topic(name)
    except CordwoodError as error:
        described = _refused(name, error)
        if not isinstance(error, InvalidTopicName):
            described.topic_authorized_operations = TOPIC_OPERATIONS
        return described, None
    end = first + limit
    described = DescribeTopicPartitionsResponseTopic(
        name=name,
        topic_id=topic.id,
        is_internal=topic.internal,
        partitions=[_described(context, reach, name, partition) for partition in topic.partitions[first:end]],
        topic_authorized_operations=TOPIC_OPERATIONS,
    )
    return described, end if end < len(topic.partitions) else None


def _described(
    context: Context, reach: Reach, topic: str, partition: Partition
) -> DescribeTopicPartitionsResponsePartition:
    leader, offline, error = leader_of(context, reach, topic, partition)
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
