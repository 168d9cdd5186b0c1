"""The topics that groups see are those of the newest image."""

from __future__ import annotations

from cordwood.coordinator.topics import ClusterTopics
from cordwood.groups.turn import Topics, TopicView
from cordwood.metadata import EMPTY, replay_all
from cordwood.metadata.records import PartitionRecord, RemoveTopic, TopicRecord
from cordwood.model.ids import TopicId

ID = TopicId(b"o" * 16)
ORDERS = replay_all(EMPTY, [TopicRecord("orders", ID), PartitionRecord(ID, 0, (1,)), PartitionRecord(ID, 1, (1,))])


def test_topics_are_found_by_name_and_by_id():
    topics: Topics = ClusterTopics(ORDERS)
    assert topics.find("orders") == topics.find_id(ID) == TopicView("orders", ID, 2)
    assert topics.find("payments") is None
    assert topics.find_id(TopicId(b"p" * 16)) is None
    assert list(topics.names()) == ["orders"]


def test_only_a_change_of_topics_is_a_new_version():
    topics = ClusterTopics(EMPTY)
    topics.follow(EMPTY)
    assert topics.version == 0
    topics.follow(ORDERS)
    assert topics.version == 1
    topics.follow(replay_all(ORDERS, [RemoveTopic(ID)]))
    assert topics.version == 2
    assert topics.find("orders") is None
