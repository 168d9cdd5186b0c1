"""How many bytes partitions take on the disks of their leaders.

Lives here: DescribeLogDirs, asked of each leader. Must not live here: connections (`cluster.direct`).
"""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import Node, TopicPartitionInfo

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.cluster.direct import ask_first
from cordwood.node.addresses import HostPort
from cordwood.wire.messages.describe_log_dirs import (
    DescribableLogDirTopic,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
)


def sizes(kafka: Cluster, topic: str, partitions: Iterable[TopicPartitionInfo]) -> dict[int, int]:
    """The bytes of each partition of a topic, where its leader tells them. Raises Unreachable and NoWayIn."""
    led: dict[HostPort, list[int]] = {}
    for partition in partitions:
        leader: Node | None = partition.leader  # None where there is none, whatever its type says.
        if leader is not None and leader.id >= 0:
            place = HostPort(leader.host, leader.port)
            led.setdefault(place, []).append(partition.id)
    found: dict[int, int] = {}
    for place, numbers in led.items():
        request = DescribeLogDirsRequest(topics=[DescribableLogDirTopic(topic=topic, partitions=numbers)])
        found |= _sizes_in(ask_first(kafka, f"the size of {topic}", [place], request), topic)
    return found


def _sizes_in(response: DescribeLogDirsResponse, topic: str) -> dict[int, int]:
    """What an answer says of a topic. A copy that is on its way to another directory does not count."""
    return {
        partition.partition_index: partition.partition_size
        for directory in response.results
        for found in directory.topics
        for partition in found.partitions
        if found.name == topic and not partition.is_future_key
    }
