"""The question for the quorum of the metadata, DescribeQuorum, and where its answer has the outcome.

Lives here: that message. Must not live here: who is asked (quorum.py, looking.py).
"""

from __future__ import annotations

from typing import Final

from cordwood.wire.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    PartitionData,
    PartitionQuorum,
    TopicData,
)

QUORUM_TOPIC: Final = "__cluster_metadata"


def quorum_request() -> DescribeQuorumRequest:
    """Asks for the one quorum that there is."""
    return DescribeQuorumRequest(topics=[TopicData(topic_name=QUORUM_TOPIC, partitions=[PartitionData()])])


def outcome_of(response: DescribeQuorumResponse) -> PartitionQuorum:
    """The quorum in an answer, or why it is not told."""
    return response.topics[0].partitions[0]
