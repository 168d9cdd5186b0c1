"""Who leads partitions: ElectLeaders (43).

Serves versions 0 to 2: preferred elections, and since version 1 unclean ones. Null stands for all partitions, of which
only those are told that needed an election.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from cordwood.broker.context import Call, Context
from cordwood.broker.deadlines import patience_s
from cordwood.metadata import elections
from cordwood.metadata.elections import Elected
from cordwood.model.errors import CordwoodError
from cordwood.model.ids import TopicPartition
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    PartitionResult,
    ReplicaElectionResult,
)


async def handle_elect_leaders(context: Context, call: Call, request: ElectLeadersRequest) -> ElectLeadersResponse:
    """Elects leaders; each partition has its own error, and what concerns all of them is told at the top, too."""
    asked = None if request.topic_partitions is None else list(_asked(request))
    try:
        elected = await context.controller.propose(
            lambda image: elections.elect(image, asked, request.election_type), patience_s(request.timeout_ms)
        )
    except CordwoodError as error:
        failed = [Elected(name, error) for name in asked or ()]
        return ElectLeadersResponse(error_code=code_of(error), replica_election_results=_results(failed))
    return ElectLeadersResponse(replica_election_results=_results(elected))


def _asked(request: ElectLeadersRequest) -> Sequence[TopicPartition]:
    return [
        TopicPartition(topic.topic, index) for topic in request.topic_partitions or () for index in topic.partitions
    ]


def _results(elected: Sequence[Elected]) -> list[ReplicaElectionResult]:
    topics: defaultdict[str, list[PartitionResult]] = defaultdict(list)
    for item in elected:
        code = ErrorCode.NONE if item.error is None else code_of(item.error)
        message = None if item.error is None else str(item.error)
        topics[item.partition.topic].append(PartitionResult(item.partition.partition, code, message))
    return [ReplicaElectionResult(topic, results) for topic, results in topics.items()]
