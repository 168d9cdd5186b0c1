"""What the broker tells about itself: ApiVersions (18), DescribeLogDirs (35).

Left out: log directories are not cordoned.
"""

from __future__ import annotations

from collections import defaultdict

from cordwood.broker.context import Call, Context
from cordwood.model.errors import CordwoodError
from cordwood.replica.partition import Partition
from cordwood.wire.apis import advertised_versions
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.features import tell_features
from cordwood.wire.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from cordwood.wire.messages.describe_log_dirs import (
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)


def handle_api_versions(context: Context, call: Call, request: ApiVersionsRequest) -> ApiVersionsResponse:
    """The table of what is served, and the features of the cluster."""
    call.session.software_name = request.client_software_name
    call.session.software_version = request.client_software_version
    response = ApiVersionsResponse(api_keys=advertised_versions())
    tell_features(response, call.api_version)
    return response


def unsupported_version() -> ApiVersionsResponse:
    """The answer to an ApiVersions request from the future."""
    return ApiVersionsResponse(error_code=ErrorCode.UNSUPPORTED_VERSION, api_keys=advertised_versions())


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
