"""What a group subscribes to, and when that is a new epoch."""

from __future__ import annotations

from cordwood.groups.consumer import records
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import Member, MemberMetadata
from cordwood.groups.consumer.subscription import is_subscribed, metadata_hash, refresh, topic_ids, topics_of
from tests.groups.consumer.shard import FakeShard
from tests.groups.topics import FakeTopics


def group_of(*metadata):
    group = ConsumerGroup("g")
    for number, said in enumerate(metadata):
        group.put_member(Member(f"m{number}", said))
    return group


def refreshed(group, topics, *, changed=False):
    draft = Draft({"g": group}, "g")
    refresh(draft, FakeShard(topics).turn(), changed=changed)
    return draft


def test_the_hash_tells_what_assignments_depend_on():
    topics = FakeTopics(t=1, u=1, other=1)
    group = group_of(MemberMetadata(topics=frozenset({"t", "missing"})), MemberMetadata(topics=frozenset({"u"})))
    before = metadata_hash(group, topics)
    assert before == metadata_hash(group_of(MemberMetadata(topics=frozenset({"t", "u"}))), topics)
    topics.put("other", 2)
    assert metadata_hash(group, topics) == before
    topics.put("t", 2)
    grown = metadata_hash(group, topics)
    assert grown != before
    topics.put("missing", 1)
    assert metadata_hash(group, topics) not in (grown, before)
    assert metadata_hash(group, FakeTopics(x=1)) == 0
    assert -(1 << 63) <= before < 1 << 63


def test_a_refresh_without_news_says_only_that_it_looked():
    topics = FakeTopics(t=1)
    first = refreshed(group_of(MemberMetadata(topics=frozenset({"t"}))), topics)
    assert first.group.epoch == 1
    again = refreshed(first.group, topics)
    assert again.result().records == ()
    topics.put("other", 1)
    assert refreshed(first.group, topics).result().records == (records.TopicsSeen("g", topics.version),)
    assert refreshed(first.group, topics, changed=True).group.epoch == 2


def test_regular_expressions_are_kept_resolved():
    topics = FakeTopics(orders=1, other=1)
    group = refreshed(group_of(MemberMetadata(regex="or.*"), MemberMetadata(topics=frozenset({"x"}))), topics).group
    assert group.regexes["or.*"].topics == {"orders"}
    assert topics_of(group, group.members["m0"]) == {"orders"}
    assert (is_subscribed(group, "orders"), is_subscribed(group, "x")) == (True, True)
    assert not is_subscribed(group, "other")
    topics.put("orbit", 1)
    assert refreshed(group, topics).group.regexes["or.*"].topics == {"orders", "orbit"}
    group.remove_member("m0")
    assert refreshed(group, topics).group.regexes == {}


def test_what_kafka_4_0_stored_beside_the_epoch_is_removed():
    group = group_of(MemberMetadata(topics=frozenset({"t"})))
    group.has_partition_metadata = True
    made = refreshed(group, FakeTopics(t=1)).result().records
    assert records.PartitionMetadataRemoved("g") in made


def test_ids_of_topics_that_exist():
    topics = FakeTopics(t=1)
    assert topic_ids(["t", "u"], topics) == {topics.find("t").id}
