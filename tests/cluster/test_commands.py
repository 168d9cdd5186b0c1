"""`cordwood cluster` on real nodes: a cluster of three is founded, grows, hands over, shrinks, and loses nodes."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.delete_topics import DeleteTopicsRequest
from cordwood.wire.messages.describe_quorum import DescribeQuorumRequest, PartitionData, TopicData
from cordwood.wire.messages.metadata import MetadataRequest
from cordwood.wire.messages.remove_raft_voter import RemoveRaftVoterRequest
from cordwood.wire.messages.transfer_leadership import TransferLeadershipRequest
from tests.cluster.nodes import CLUSTER_ID, ClusterOf
from tests.raw_client import RawClient
from tests.testing.test_server import make_topic

pytestmark = [pytest.mark.clients, pytest.mark.timeout(240)]


def test_a_cluster_grows_hands_over_and_shrinks(three: ClusterOf) -> None:
    status = three.status()
    assert (status["cluster_id"], [voter["node"] for voter in status["voters"]]) == (CLUSTER_ID, [1, 2, 3])
    assert all(voter["broker"] and voter["directory_id"] for voter in status["voters"])
    three.settle(4)
    assert "node 4 votes now" in three.done("add", three.nodes[4].member).stderr
    three.nodes[4].ready()
    assert three.voters() == [1, 2, 3, 4]
    assert three.do("add", three.nodes[4].member).exit_code == 1

    three.done("transfer-leader", "4")
    assert three.leader() is three.nodes[4]
    assert re.search(rf"^ *4 +leader +0 .*{three.nodes[4].address}", three.done("status").stdout, re.MULTILINE)

    three.done("remove", "2")
    assert (three.voters(), three.observers()) == ([1, 3, 4], [2])
    with RawClient(three.nodes[2].port) as client:
        make_topic(client, "made-by-an-observer")
    three.wait(lambda: all("made-by-an-observer" in topics_of(node.port) for node in three.nodes.values()))

    three.done("remove", "4")
    assert three.leader().number in (1, 3)
    assert three.voters() == [1, 3]

    with RawClient(three.nodes[1].port) as client:
        assert client.ask(DeleteTopicsRequest(topic_names=["made-by-an-observer"]), 5).responses[0].error_code == 0
    three.done("remove", "--unregister", "4")
    three.wait(lambda: not three.nodes[4].process.is_running)
    assert "error: the broker cannot go on: broker 4 was taken out" in three.nodes[4].process.stderr()


def topics_of(port: int) -> list[str]:
    with RawClient(port) as client:
        return [topic.name for topic in client.ask(MetadataRequest(topics=None), 12).topics]


def test_a_node_that_lost_its_disk_is_added_anew_and_one_that_is_gone_is_forgotten(three: ClusterOf) -> None:
    lost = three.leader()
    before = {voter["node"]: voter["directory_id"] for voter in three.status()["voters"]}
    lost.process.kill()
    shutil.rmtree(lost.data)
    three.done("remove", str(lost.number))
    again = three.settle(lost.number)
    three.done("add", again.member)
    again.ready()
    assert three.voters() == [1, 2, 3]

    def noted() -> bool:
        after = {voter["node"]: voter["directory_id"] for voter in three.status()["voters"]}
        return after[lost.number] not in (None, before[lost.number])

    three.wait(noted)
    gone = next(node for node in three.nodes.values() if node is not three.leader())
    gone.process.kill()
    three.done("remove", "--unregister", str(gone.number))
    status = three.status()
    assert gone.number not in [member["node"] for member in (*status["voters"], *status["observers"])]
    with RawClient(three.leader().port) as client:
        brokers = client.ask(MetadataRequest(topics=[]), 12).brokers
    assert sorted(broker.node_id for broker in brokers) == sorted({1, 2, 3} - {gone.number})


def test_without_a_majority_the_tool_says_so(three: ClusterOf) -> None:
    leader = three.leader()
    assert three.done("health").stdout.splitlines()[1] == "Verdict:             healthy"
    others = [node for node in three.nodes.values() if node is not leader]
    for node in others:
        node.process.kill()
    health = three.do("health", "-o", "json")
    assert health.exit_code == 10
    assert json.loads(health.stdout)["unreachable_brokers"] == [node.number for node in others]
    done = three.do("remove", "1", "--timeout", "3")
    assert done.exit_code in (1, 5)
    assert (
        "not done in time" in done.stderr or "could not be reached" in done.stderr or "has not answered" in done.stderr
    )


def test_any_broker_hands_on_to_the_leader(three: ClusterOf) -> None:
    """As clients of Kafka expect, which ask whichever broker they are connected to."""
    leader = three.leader()
    described = DescribeQuorumRequest(topics=[TopicData("__cluster_metadata", [PartitionData(0)])])
    for node in three.nodes.values():
        with RawClient(node.port) as client:
            for version in range(3):
                (quorum,) = client.ask(described, version).topics[0].partitions
                assert (quorum.error_code, quorum.leader_id) == (0, leader.number)
    other, third = (node for node in three.nodes.values() if node is not leader)
    with RawClient(other.port) as client:
        assert client.ask(RemoveRaftVoterRequest(voter_id=third.number), 0).error_code == 0
        refused = client.ask(RemoveRaftVoterRequest(voter_id=third.number), 0)
        assert refused.error_code == ErrorCode.VOTER_NOT_FOUND, refused.error_message
        assert client.ask(TransferLeadershipRequest(target_id=other.number), 0).error_code == 0
    assert three.leader() is other
