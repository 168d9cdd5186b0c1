"""The question for the quorum, and where its answer is."""

from __future__ import annotations

from cordwood.cli.cluster.quorum_request import outcome_of, quorum_request
from cordwood.wire.messages.describe_quorum import DescribeQuorumResponse, PartitionQuorum, TopicQuorum


def test_the_one_quorum_is_asked_for() -> None:
    (topic,) = quorum_request().topics
    assert (topic.topic_name, [one.partition_index for one in topic.partitions]) == ("__cluster_metadata", [0])


def test_the_outcome_is_that_of_the_partition() -> None:
    quorum = PartitionQuorum(leader_id=3)
    assert outcome_of(DescribeQuorumResponse(topics=[TopicQuorum(partitions=[quorum])])) is quorum
