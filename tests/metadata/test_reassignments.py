"""What a partition can be moved to, while partitions are not replicated: where it is."""

from __future__ import annotations

import pytest

from cordwood.metadata.reassignments import Reassignment, reassign
from cordwood.metadata.topics import Assignment, NewTopic
from cordwood.model.admin_errors import NoReassignmentInProgress
from cordwood.model.errors import InvalidReplicaAssignment, InvalidReplicationFactor, UnknownTopic
from cordwood.model.ids import TopicPartition
from tests.metadata.cluster_of import cluster_of, with_topics

IMAGE = with_topics(cluster_of(1, 2, 3), NewTopic("orders", assignments=(Assignment(0, (2,)),)))
ORDERS = TopicPartition("orders", 0)


@pytest.mark.parametrize(
    ("partition", "replicas", "may_change_factor", "error"),
    [
        (ORDERS, (2,), True, None),
        (ORDERS, (2,), False, None),
        (ORDERS, None, True, NoReassignmentInProgress),
        (ORDERS, (1,), True, InvalidReplicaAssignment),
        (ORDERS, (2, 3), True, InvalidReplicaAssignment),
        (ORDERS, (2, 3), False, InvalidReplicationFactor),
        (ORDERS, (2, 9), False, InvalidReplicaAssignment),
        (ORDERS, (9,), True, InvalidReplicaAssignment),
        (ORDERS, (-1,), True, InvalidReplicaAssignment),
        (ORDERS, (2, 2), True, InvalidReplicaAssignment),
        (ORDERS, (), True, InvalidReplicaAssignment),
        (TopicPartition("orders", 1), (2,), True, UnknownTopic),
        (TopicPartition("nowhere", 0), (2,), True, UnknownTopic),
        (TopicPartition("nowhere", 0), None, True, UnknownTopic),
    ],
)
def test_where_a_partition_can_go(partition, replicas, may_change_factor, error):
    result = reassign(IMAGE, [Reassignment(partition, replicas)], may_change_factor=may_change_factor)
    assert result.records == ()
    (reply,) = result.reply
    assert reply.partition == partition
    assert (reply.error is None) if error is None else (type(reply.error) is error)


def test_each_wish_is_answered_in_its_place():
    wishes = [Reassignment(ORDERS, (2,)), Reassignment(ORDERS, (1,)), Reassignment(ORDERS, (2,))]
    assert [item.error is None for item in reassign(IMAGE, wishes).reply] == [True, False, True]
