"""Between names and ids, and between bytes and sets."""

from __future__ import annotations

from cordwood.groups.consumer.member import ClassicProtocol
from cordwood.groups.consumer.migration.translation import assignment_bytes, by_id, subscription_of
from cordwood.groups.consumer.partitions import flatten
from cordwood.groups.embedded import Assignment, Subscription, read_assignment, write_subscription
from tests.groups.topics import FakeTopics


def test_partitions_by_name_and_by_id():
    topics = FakeTopics(t=3)
    t = topics.find("t")
    assert by_id({"t": [0, 2], "gone": [1]}, topics) == {(t.id, 0), (t.id, 2)}


def test_an_assignment_is_written_in_the_members_version_without_deleted_topics():
    topics = FakeTopics(t=3, gone=1)
    partitions = flatten([(topics.find("t").id, [2, 0]), (topics.find("gone").id, [0])])
    topics.remove("gone")
    assert read_assignment(assignment_bytes(partitions, 1, topics)) == Assignment({"t": (0, 2)}, version=1)


def test_the_first_protocol_tells_the_subscription():
    said = Subscription(("t",), version=1)
    assert subscription_of([ClassicProtocol("range", write_subscription(said)), ClassicProtocol("x", b"")]) == said
    assert subscription_of([]) is None
    assert subscription_of([ClassicProtocol("range", b"?")]) is None
