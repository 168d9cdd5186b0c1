"""DescribeLogDirs."""

from __future__ import annotations

import pytest

from cordwood.wire.messages.describe_log_dirs import DescribableLogDirTopic, DescribeLogDirsRequest
from tests.broker.handlers.messages import produce
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(1, 6))
def test_sizes_of_partitions(client: RawClient, topic: str, version: int) -> None:
    produce(client, topic, [b"x" * 1000])
    answer = client.ask(DescribeLogDirsRequest(topics=None), version)
    (directory,) = answer.results
    sizes = {
        (found.name, partition.partition_index): partition.partition_size
        for found in directory.topics
        for partition in found.partitions
    }
    assert sizes[topic, 0] > 1000
    assert sizes[topic, 1] == 0
    if version >= 4:
        assert directory.total_bytes >= directory.usable_bytes > 0
    one = DescribeLogDirsRequest(topics=[DescribableLogDirTopic(topic=topic, partitions=[1])])
    (found,) = client.ask(one, version).results[0].topics
    assert [partition.partition_index for partition in found.partitions] == [1]
