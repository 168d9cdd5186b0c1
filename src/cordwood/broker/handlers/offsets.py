"""Offsets of a log: ListOffsets (2), OffsetForLeaderEpoch (23), DeleteRecords (21).

Serves ListOffsets 1 to 11 with the special timestamps latest (-1), earliest (-2), largest timestamp (-3, KIP-734) and
earliest local (-4, KIP-405), which without tiered storage is the earliest; latest tiered (-5) finds nothing. For who reads
committed records only (isolation level 1) the log ends at the last stable offset.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from itertools import islice
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.metadata.names import check_open
from cordwood.model.errors import CordwoodError, OffsetOutOfRange, PolicyViolation, UnknownTopic
from cordwood.model.ids import LeaderEpoch, Offset
from cordwood.model.settings import topic_value
from cordwood.replica.partition import Partition
from cordwood.wire.errors import code_of
from cordwood.wire.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsPartitionResult,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopicResult,
)
from cordwood.wire.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsPartitionResponse,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopicResponse,
)
from cordwood.wire.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderTopicResult,
)

LATEST: Final = -1
EARLIEST: Final = -2
LARGEST_TIMESTAMP: Final = -3
EARLIEST_LOCAL: Final = -4
LATEST_TIERED: Final = -5
_KNOWN_AT_ONCE: Final = frozenset({LATEST, EARLIEST, EARLIEST_LOCAL})
READ_COMMITTED: Final = 1
HIGH_WATERMARK: Final = -1
"""DeleteRecords: everything below the high watermark."""


def _partition(context: Context, topic: str, index: int) -> Partition:
    partition = context.partitions.get((topic, index))
    if partition is None:
        raise context.partitions.why_missing(topic, index)
    if partition.failure is not None:
        raise partition.failure
    return partition


# ListOffsets.


def handle_list_offsets(
    context: Context, call: Call, request: ListOffsetsRequest
) -> ListOffsetsResponse | asyncio.Future[ListOffsetsResponse]:
    """The offset for each asked timestamp; a search reads the log, and so it is a background thread's work."""
    if all(asked.timestamp in _KNOWN_AT_ONCE for topic in request.topics for asked in topic.partitions):
        return _find_offsets(context, request)
    return asyncio.wrap_future(context.background.submit(lambda: _find_offsets(context, request)), loop=context.loop)


def _find_offsets(context: Context, request: ListOffsetsRequest) -> ListOffsetsResponse:
    committed = request.isolation_level == READ_COMMITTED
    return ListOffsetsResponse(
        topics=[
            ListOffsetsTopicResponse(
                name=topic.name,
                partitions=[_find_offset(context, topic.name, asked, committed) for asked in topic.partitions],
            )
            for topic in request.topics
        ]
    )


def _find_offset(
    context: Context, topic: str, asked: ListOffsetsPartition, committed: bool
) -> ListOffsetsPartitionResponse:
    answer = ListOffsetsPartitionResponse(partition_index=asked.partition_index)
    partition = None
    try:
        partition = _partition(context, topic, asked.partition_index)
        partition.check_leader_epoch(asked.current_leader_epoch)
        end = partition.last_stable_offset if committed else partition.high_watermark
        _fill(answer, partition, asked.timestamp, end)
    except CordwoodError as error:
        answer.error_code = code_of(error)
        if partition is not None:
            partition.read_failed(error)
    return answer


def _fill(answer: ListOffsetsPartitionResponse, partition: Partition, timestamp: int, end: Offset) -> None:
    log = partition.log
    if timestamp == LATEST:
        answer.offset = end
        answer.leader_epoch = partition.leader_epoch
        return
    if timestamp in (EARLIEST, EARLIEST_LOCAL):
        answer.offset = log.start_offset
        answer.leader_epoch = partition.leader_epoch
        return
    if timestamp < 0 and timestamp != LARGEST_TIMESTAMP:
        return
    found = log.max_timestamp() if timestamp == LARGEST_TIMESTAMP else log.find_timestamp(timestamp)
    if found is not None and found.offset < end:
        answer.timestamp = found.timestamp_ms
        answer.offset = found.offset
        answer.leader_epoch = found.leader_epoch


# OffsetForLeaderEpoch.


def handle_offset_for_leader_epoch(
    context: Context, call: Call, request: OffsetForLeaderEpochRequest
) -> OffsetForLeaderEpochResponse:
    """Where the log of an epoch ended, for clients that look for truncation (KIP-320)."""
    response = OffsetForLeaderEpochResponse()
    for topic in request.topics:
        result = OffsetForLeaderTopicResult(topic=topic.topic)
        response.topics.append(result)
        for asked in topic.partitions:
            answer = EpochEndOffset(partition=asked.partition)
            result.partitions.append(answer)
            try:
                partition = _partition(context, topic.topic, asked.partition)
                partition.check_leader_epoch(asked.current_leader_epoch)
            except CordwoodError as error:
                answer.error_code = code_of(error)
                continue
            epoch, end_offset = partition.log.end_offset_for_epoch(LeaderEpoch(asked.leader_epoch))
            answer.leader_epoch = epoch
            answer.end_offset = min(end_offset, partition.high_watermark)
    return response


# DeleteRecords.


async def handle_delete_records(context: Context, call: Call, request: DeleteRecordsRequest) -> DeleteRecordsResponse:
    """Moves the beginnings of logs, side by side, and durably before the answer."""
    trims = [_trimmed(context, topic.name, asked) for topic in request.topics for asked in topic.partitions]
    answers = iter(await asyncio.gather(*trims))
    return DeleteRecordsResponse(
        topics=[
            DeleteRecordsTopicResult(topic.name, [*islice(answers, len(topic.partitions))]) for topic in request.topics
        ]
    )


async def _trimmed(context: Context, topic: str, asked: DeleteRecordsPartition) -> DeleteRecordsPartitionResult:
    answer = DeleteRecordsPartitionResult(partition_index=asked.partition_index, low_watermark=-1)
    try:
        answer.low_watermark = await _delete_before(context, topic, asked.partition_index, asked.offset)
    except CordwoodError as error:
        answer.error_code = code_of(error)
    return answer


async def _delete_before(context: Context, topic: str, index: int, offset: int) -> Offset:
    """The first offset that is left. Raises what keeps the records."""
    if context.image.find_partition(topic, index) is None:
        raise UnknownTopic(f"{topic}-{index}")
    check_open(topic)
    if "delete" not in _cleanup_policy(context, topic):
        raise PolicyViolation(f"records of {topic} go by compaction only: cleanup.policy has no `delete`")
    partition = _partition(context, topic, index)
    log = partition.log
    target = partition.high_watermark if offset == HIGH_WATERMARK else Offset(offset)
    if not 0 <= target <= partition.high_watermark:
        raise OffsetOutOfRange(target, log.start_offset, partition.high_watermark)
    if target > log.start_offset:
        work = context.background.submit(lambda: log.truncate_before(target))
        await asyncio.wrap_future(work, loop=context.loop)
        partition.wake_readers()
    return log.start_offset


def _cleanup_policy(context: Context, topic: str) -> Collection[str]:
    policy = topic_value("cleanup.policy", context.image.topic_configs(topic), context.layers)
    assert isinstance(policy, tuple), f"cleanup.policy is a list, and not {policy!r}"
    return policy
