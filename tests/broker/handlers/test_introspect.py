"""ApiVersions, DescribeLogDirs."""

from __future__ import annotations

import pytest

from cordwood.broker.dispatch import HANDLERS
from cordwood.wire.apis import APIS
from cordwood.wire.messages.api_versions import ApiVersionsRequest
from cordwood.wire.messages.describe_log_dirs import DescribableLogDirTopic, DescribeLogDirsRequest
from tests.broker.handlers.messages import produce
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(5))
def test_what_is_advertised_is_what_has_a_handler(client: RawClient, version: int) -> None:
    answer = client.ask(ApiVersionsRequest(client_software_name="raw", client_software_version="1"), version)
    advertised = {key.api_key: (key.min_version, key.max_version) for key in answer.api_keys}
    assert advertised.keys() == {int(key) for key in HANDLERS if not APIS[key].is_private}
    for key, (first, last) in advertised.items():
        assert (first, last) == (APIS[key].advertised.first, APIS[key].advertised.last)


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
