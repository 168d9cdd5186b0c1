"""FindCoordinator: the broker leads every group, and makes the internal topic when it is first asked."""

from __future__ import annotations

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(7))
def test_groups_have_a_coordinator(client: RawClient, server: Server, version: int) -> None:
    answer = client.ask(FindCoordinatorRequest(key="g", coordinator_keys=["g", "h"]), version)
    found = answer.coordinators if version >= 4 else [answer]
    assert [one.error_code for one in found] == [0] * len(found)
    assert {(one.node_id, one.host, one.port) for one in found} == {(1, "127.0.0.1", server.port)}
    if version >= 4:
        assert [one.key for one in found] == ["g", "h"]
    internal = [topic for topic in client.ask(MetadataRequest(topics=None), 12).topics if topic.is_internal]
    assert [topic.name for topic in internal] == ["__consumer_offsets"]


@pytest.mark.parametrize(
    ("key_type", "code"), [(1, ErrorCode.COORDINATOR_NOT_AVAILABLE), (2, ErrorCode.INVALID_REQUEST)]
)
def test_others_have_none(client: RawClient, key_type: int, code: ErrorCode) -> None:
    answer = client.ask(FindCoordinatorRequest(key="k", key_type=key_type), 3)
    assert (answer.error_code, answer.node_id) == (code, -1)
    (one,) = client.ask(FindCoordinatorRequest(coordinator_keys=["k"], key_type=key_type), 6).coordinators
    assert (one.error_code, one.node_id) == (code, -1)


@pytest.mark.parametrize("by_hand", [False, True])
def test_whoever_makes_the_topic_of_offsets_makes_it_as_groups_need_it(by_hand: bool) -> None:
    name = "__consumer_offsets"
    with Server(settings={"offsets.topic.num.partitions": "3"}) as server, RawClient(server.port) as client:
        if by_hand:
            wanted = CreatableTopic(name=name, num_partitions=-1, replication_factor=-1)
            assert client.ask(CreateTopicsRequest(topics=[wanted]), 7).topics[0].error_code == 0
        asked = [MetadataRequestTopic(name=name), MetadataRequestTopic(name="__share_group_state")]
        metadata = client.ask(MetadataRequest(topics=asked, allow_auto_topic_creation=True), 12)
        found, other = metadata.topics
        assert (found.error_code, len(found.partitions)) == (0, 3)
        assert other.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        assert server.node.image.topic_configs(name)["cleanup.policy"] == "compact"
        assert client.ask(FindCoordinatorRequest(key="g"), 3).error_code == 0
