"""How many bytes partitions take on the disks of their leaders.

Lives here: DescribeLogDirs, asked of each leader. Must not live here: connections (`cluster.direct`).
"""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import Node
from confluent_kafka.admin import TopicDescription

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.errors import Unreachable
from cordwood.cli.client.offsets import Place
from cordwood.cli.cluster.direct import ask_first
from cordwood.cli.terminal.exits import warn
from cordwood.node.addresses import HostPort
from cordwood.wire.messages.describe_log_dirs import (
    DescribableLogDirTopic,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
)


def sizes(kafka: Cluster, topics: Iterable[TopicDescription]) -> dict[Place, int]:
    """The bytes of each partition of topics, as far as their leaders tell; one that does not answer is warned of.

    Raises NoWayIn.
    """
    led: dict[HostPort, dict[str, list[int]]] = {}
    for topic in topics:
        for partition in topic.partitions:
            leader: Node | None = partition.leader  # None where there is none, whatever its type says.
            if leader is not None and leader.id >= 0:
                led.setdefault(HostPort(leader.host, leader.port), {}).setdefault(topic.name, []).append(partition.id)
    found: dict[Place, int] = {}
    for place, wanted in led.items():
        named = [DescribableLogDirTopic(topic=name, partitions=numbers) for name, numbers in wanted.items()]
        try:
            response = ask_first(kafka, "the size of partitions", [place], DescribeLogDirsRequest(topics=named))
        except Unreachable as error:
            warn(f"{place} does not tell the sizes of what it leads: {error.reason}")
        else:
            found |= _sizes_in(response)
    return found


def _sizes_in(response: DescribeLogDirsResponse) -> dict[Place, int]:
    """What an answer says. A copy that is on its way to another directory does not count."""
    return {
        (topic.name, partition.partition_index): partition.partition_size
        for directory in response.results
        for topic in directory.topics
        for partition in topic.partitions
        if not partition.is_future_key
    }
