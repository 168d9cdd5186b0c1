"""WriteTxnMarkers (27): the coordinator of a transaction ends it in the partitions of this broker.

Serves 1 and 2. A marker is answered for when it is durable.
"""

from __future__ import annotations

import asyncio
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.coordinator.transaction_marker import TransactionMarker
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import CoordinatorLoading, CoordinatorNotAvailable, NotCoordinator
from cordwood.model.ids import TopicPartition
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)

_SHARD_IS_NOT_THERE: Final = (CoordinatorLoading, CoordinatorNotAvailable, NotCoordinator)
"""What the shard of a partition of `__consumer_offsets` says; a coordinator that sends markers expects a leader's words."""


async def handle_write_txn_markers(
    context: Context, call: Call, request: WriteTxnMarkersRequest
) -> WriteTxnMarkersResponse:
    """Writes all of them, whatever becomes of one."""
    response = WriteTxnMarkersResponse()
    owed: list[tuple[WritableTxnMarkerPartitionResult, asyncio.Future[CordwoodError | None]]] = []
    for wanted in request.markers:
        marker = _marker(wanted)
        result = WritableTxnMarkerResult(producer_id=wanted.producer_id)
        response.markers.append(result)
        for topic in wanted.topics:
            outcomes = [WritableTxnMarkerPartitionResult(partition_index=index) for index in topic.partition_indexes]
            result.topics.append(WritableTxnMarkerTopicResult(name=topic.name, partitions=outcomes))
            for outcome in outcomes:
                name = TopicPartition(topic.name, outcome.partition_index)
                owed.append((outcome, context.transactions.write_marker(name, marker)))
    for outcome, written in owed:
        outcome.error_code = _code(await written)
    return response


def _marker(wanted: WritableTxnMarker) -> TransactionMarker:
    return TransactionMarker(
        wanted.producer_id,
        wanted.producer_epoch,
        wanted.transaction_result,
        wanted.coordinator_epoch,
        wanted.transaction_version,
    )


def _code(error: CordwoodError | None) -> ErrorCode:
    if error is None:
        return ErrorCode.NONE
    return ErrorCode.NOT_LEADER_OR_FOLLOWER if isinstance(error, _SHARD_IS_NOT_THERE) else code_of(error)
