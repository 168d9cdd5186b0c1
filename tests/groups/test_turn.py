"""A turn carries what a decision is given; the topics of the tests keep the port."""

from __future__ import annotations

from cordwood.groups.settings import GroupSettings
from cordwood.groups.turn import Topics, Turn
from cordwood.model.decision import NO_TICKET
from tests.groups.topics import FakeTopics


def test_topics_are_found_by_name_and_by_id():
    topics: Topics = FakeTopics(orders=3)
    turn = Turn(0, NO_TICKET, GroupSettings(), topics, lambda: "id")
    orders = turn.topics.find("orders")
    assert orders is not None
    assert orders.partition_count == 3
    assert turn.topics.find_id(orders.id) == orders
    assert turn.topics.find("payments") is None
    assert list(turn.topics.names()) == ["orders"]


def test_a_change_of_topics_is_a_new_version():
    topics = FakeTopics(orders=3)
    before = topics.version
    topics.put("orders", 4)
    assert topics.version > before
    topics.remove("orders")
    assert topics.find("orders") is None
