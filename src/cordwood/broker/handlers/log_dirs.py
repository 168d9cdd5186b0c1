"""Data directories and what lies in them: DescribeLogDirs (35).

Left out: log directories are not cordoned.
"""

from __future__ import annotations

from collections import defaultdict

from cordwood.broker.context import Call, Context
from cordwood.model.errors import CordwoodError
from cordwood.replica.partition import Partition
from cordwood.wire.errors import code_of
from cordwood.wire.messages.describe_log_dirs import (
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)


def handle_describe_log_dirs(context: Context, call: Call, request: DescribeLogDirsRequest) -> DescribeLogDirsResponse:
    """The data directories with the sizes of their partitions."""
    wanted = None
    if request.topics is not None:
        wanted = {(topic.topic, partition) for topic in request.topics for partition in topic.partitions}
    results = []
    for directory in context.partitions.directories():
        result = DescribeLogDirsResult(log_dir=directory.path)
        results.append(result)
        try:
            result.total_bytes, result.usable_bytes = directory.space_bytes()
        except CordwoodError as error:
            result.error_code = code_of(error)
            continue
        held = context.partitions.in_directory(directory)
        result.topics = _sizes([partition for partition in held if wanted is None or partition.name in wanted])
    return DescribeLogDirsResponse(results=results)


def _sizes(partitions: list[Partition]) -> list[DescribeLogDirsTopic]:
    topics: defaultdict[str, list[DescribeLogDirsPartition]] = defaultdict(list)
    for partition in sorted(partitions, key=lambda partition: partition.name):
        size = DescribeLogDirsPartition(
            partition_index=partition.name.partition, partition_size=partition.log.size_bytes
        )
        topics[partition.name.topic].append(size)
    return [DescribeLogDirsTopic(name=topic, partitions=sizes) for topic, sizes in topics.items()]
