"""Moves of partitions between brokers: AlterPartitionReassignments (45), ListPartitionReassignments (46).

Partitions are not replicated yet, so only what is so already can be asked for, and no move is ever under way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from cordwood.broker.context import Call, Context
from cordwood.broker.deadlines import patience_s
from cordwood.metadata import reassignments
from cordwood.metadata.reassignments import Reassigned, Reassignment
from cordwood.model.errors import CordwoodError
from cordwood.model.ids import TopicPartition
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartitionResponse,
    ReassignableTopicResponse,
)
from cordwood.wire.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
)


async def handle_alter_partition_reassignments(
    context: Context, call: Call, request: AlterPartitionReassignmentsRequest
) -> AlterPartitionReassignmentsResponse:
    """Each partition has its own error; what keeps all of them from being judged is told once, at the top."""
    allowed = request.allow_replication_factor_change
    wanted = [
        Reassignment(
            TopicPartition(topic.name, item.partition_index), None if item.replicas is None else tuple(item.replicas)
        )
        for topic in request.topics
        for item in topic.partitions
    ]
    try:
        reassigned = await context.controller.propose(
            lambda image: reassignments.reassign(image, wanted, may_change_factor=allowed),
            patience_s(request.timeout_ms),
        )
    except CordwoodError as error:
        return AlterPartitionReassignmentsResponse(
            allow_replication_factor_change=allowed, error_code=code_of(error), error_message=str(error)
        )
    return AlterPartitionReassignmentsResponse(
        allow_replication_factor_change=allowed, responses=_responses(reassigned)
    )


def _responses(reassigned: Sequence[Reassigned]) -> list[ReassignableTopicResponse]:
    topics: defaultdict[str, list[ReassignablePartitionResponse]] = defaultdict(list)
    for item in reassigned:
        code = ErrorCode.NONE if item.error is None else code_of(item.error)
        message = None if item.error is None else str(item.error)
        topics[item.partition.topic].append(ReassignablePartitionResponse(item.partition.partition, code, message))
    return [ReassignableTopicResponse(topic, responses) for topic, responses in topics.items()]


def handle_list_partition_reassignments(
    context: Context, call: Call, request: ListPartitionReassignmentsRequest
) -> ListPartitionReassignmentsResponse:
    """The moves that are under way: none, and none of a topic that there is not (as Kafka, which names no such topic)."""
    return ListPartitionReassignmentsResponse()
