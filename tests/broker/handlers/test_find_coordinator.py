"""FindCoordinator: the broker leads every group and transactional id, and makes the topic when it is first asked."""

from __future__ import annotations

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(7))
@pytest.mark.parametrize(("key_type", "topic"), [(0, "__consumer_offsets"), (1, "__transaction_state")])
def test_keys_have_a_coordinator(client: RawClient, server: Server, version: int, key_type: int, topic: str) -> None:
    if version == 0 and key_type:
        pytest.skip("version 0 knows groups only")
    request = FindCoordinatorRequest(key="g", key_type=key_type, coordinator_keys=["g", "h"])
    answer = client.ask(request, version)
    found = answer.coordinators if version >= 4 else [answer]
    assert [one.error_code for one in found] == [0] * len(found)
    assert {(one.node_id, one.host, one.port) for one in found} == {(1, "127.0.0.1", server.port)}
    if version >= 4:
        assert [one.key for one in found] == ["g", "h"]
    internal = [found for found in client.ask(MetadataRequest(topics=None), 12).topics if found.is_internal]
    assert topic in [found.name for found in internal]


def test_others_have_none(client: RawClient) -> None:
    code = ErrorCode.INVALID_REQUEST
    answer = client.ask(FindCoordinatorRequest(key="k", key_type=2), 3)
    assert (answer.error_code, answer.node_id) == (code, -1)
    (one,) = client.ask(FindCoordinatorRequest(coordinator_keys=["k"], key_type=2), 6).coordinators
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
