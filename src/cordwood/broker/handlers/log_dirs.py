"""Data directories and what lies in them: AlterReplicaLogDirs (34), DescribeLogDirs (35).

A move is answered when it was noted; DescribeLogDirs tells how far its copy is, as a future replica in the directory that it
goes to (KIP-113). Left out: log directories are not cordoned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cordwood.broker.context import Call, Context
from cordwood.model.errors import CordwoodError, InvalidTopicName, UnknownTopic
from cordwood.replica.directory import Directory
from cordwood.replica.partition import Partition
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.alter_replica_log_dirs import (
    AlterReplicaLogDirPartitionResult,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
    AlterReplicaLogDirTopicResult,
)
from cordwood.wire.messages.describe_log_dirs import (
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)

# DescribeLogDirs.


def handle_describe_log_dirs(context: Context, call: Call, request: DescribeLogDirsRequest) -> DescribeLogDirsResponse:
    """The data directories with the sizes of their partitions, of all or those asked for."""
    wanted = None
    if request.topics is not None:
        wanted = {(topic.topic, partition) for topic in request.topics for partition in topic.partitions}
    return DescribeLogDirsResponse(
        results=[_described(context, directory, wanted) for directory in context.partitions.directories()]
    )


def _described(context: Context, directory: Directory, wanted: set[tuple[str, int]] | None) -> DescribeLogDirsResult:
    result = DescribeLogDirsResult(log_dir=directory.path)
    try:
        result.total_bytes, result.usable_bytes = directory.space_bytes()
    except CordwoodError as error:
        result.error_code = code_of(error)
        return result
    held = [*_present(context, directory), *_coming(context, directory)]
    result.topics = _by_topic(
        (topic, one) for topic, one in held if wanted is None or (topic, one.partition_index) in wanted
    )
    return result


def _present(context: Context, directory: Directory) -> Iterable[tuple[str, DescribeLogDirsPartition]]:
    for partition in context.partitions.in_directory(directory):
        topic, index = partition.name
        yield topic, DescribeLogDirsPartition(partition_index=index, partition_size=partition.log.size_bytes)


def _coming(context: Context, directory: Directory) -> Iterable[tuple[str, DescribeLogDirsPartition]]:
    for move in context.partitions.moves.under_way():
        if move.directory is directory:
            topic, index = move.partition.name
            yield topic, DescribeLogDirsPartition(index, move.copied_bytes, move.offset_lag, is_future_key=True)


def _by_topic(held: Iterable[tuple[str, DescribeLogDirsPartition]]) -> list[DescribeLogDirsTopic]:
    topics: defaultdict[str, list[DescribeLogDirsPartition]] = defaultdict(list)
    for topic, partition in sorted(held, key=lambda item: (item[0], item[1].partition_index)):
        topics[topic].append(partition)
    return [DescribeLogDirsTopic(name=topic, partitions=partitions) for topic, partitions in topics.items()]


# AlterReplicaLogDirs.


def handle_alter_replica_log_dirs(
    context: Context, call: Call, request: AlterReplicaLogDirsRequest
) -> AlterReplicaLogDirsResponse:
    """Partitions are to be in other directories of this broker; one that is there already stays, or stays after all."""
    topics: defaultdict[str, list[AlterReplicaLogDirPartitionResult]] = defaultdict(list)
    for wish in request.dirs:
        for topic in wish.topics:
            for index in topic.partitions:
                code = _begin(context, wish.path, topic.name, index)
                topics[topic.name].append(AlterReplicaLogDirPartitionResult(index, code))
    return AlterReplicaLogDirsResponse(
        results=[AlterReplicaLogDirTopicResult(name, results) for name, results in topics.items()]
    )


def _begin(context: Context, path: str, topic: str, index: int) -> ErrorCode:
    try:
        directory = context.partitions.directory_at(path)
        context.partitions.moves.begin(_partition(context, topic, index), directory)
    except CordwoodError as error:
        return code_of(error)
    return ErrorCode.NONE


def _partition(context: Context, topic: str, index: int) -> Partition:
    """The partition, sound. Raises why not; a name that no topic can have is that of no topic (as Kafka)."""
    partition = context.partitions.get((topic, index))
    if partition is None:
        try:
            reason = context.partitions.why_missing(topic, index)
        except InvalidTopicName as error:
            raise UnknownTopic(f"{topic}-{index}") from error
        raise reason
    if partition.failure is not None:
        raise partition.failure
    return partition
