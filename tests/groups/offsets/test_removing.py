"""When offsets go, and when they must not."""

from __future__ import annotations

import pytest

from cordwood.groups.classic.commands import Leave, Leaving
from cordwood.groups.offsets import removing
from cordwood.groups.offsets.commands import Commit, CommitOffset, DeleteOffsets, ForgetTopics
from cordwood.groups.offsets.records import OffsetRemoved
from cordwood.groups.offsets.replies import OffsetsDeleted
from cordwood.model.group_errors import GroupNotFound, GroupSubscribedToTopic, NonEmptyGroup
from cordwood.model.ids import TopicId, TopicPartition
from tests.groups.driver import WEEK_MS, Driver
from tests.groups.topics import FakeTopics

ORDERS = TopicPartition("orders", 0)
PAYMENTS = TopicPartition("payments", 0)


def expired(driver: Driver, group: str = "g") -> list[str]:
    """The topics of the offsets that go now."""
    removed = removing.expired(driver.shard.groups[group], driver.shard.offsets, driver.turn())
    return [record.topic for record in removed]


# Deleted by somebody.


def test_offsets_of_nobody_in_particular_can_be_deleted():
    driver = Driver()
    driver.commit("g", "orders", 0, 5)
    driver.commit("g", "orders", 1, 6)
    unknown = TopicPartition("orders", 7)
    assert driver.run(DeleteOffsets("g", (ORDERS, unknown, ORDERS))) == OffsetsDeleted((None, None, None))
    assert driver.written[2:] == [OffsetRemoved("g", "orders", 0)]
    assert driver.offsets("g") == {("orders", 1): 6}


def test_a_group_that_is_not_there_has_none_to_delete():
    assert isinstance(Driver().run(DeleteOffsets("g", (ORDERS,))), GroupNotFound)


def test_offsets_of_topics_in_use_stay():
    driver = Driver()
    member, generation = driver.classic_member("g", "orders")
    commit = Commit("g", (CommitOffset("orders", 0, 5), CommitOffset("payments", 0, 6)), member, None, generation)
    driver.run(commit)
    in_use, free = driver.run(DeleteOffsets("g", (ORDERS, PAYMENTS))).errors
    assert isinstance(in_use, GroupSubscribedToTopic)
    assert free is None
    assert driver.offsets("g") == {("orders", 0): 5}


def test_of_groups_that_nobody_can_look_into_none_go():
    driver = Driver()
    driver.classic_member("g", "orders", protocol_type="connect")
    assert isinstance(driver.run(DeleteOffsets("g", (ORDERS,))), NonEmptyGroup)


def test_offsets_that_wait_for_a_transaction_go_too():
    driver = Driver()
    driver.commit("g", "orders", 0, 9, producer_id=7)
    driver.run(DeleteOffsets("g", (ORDERS,)))
    driver.shard.complete_transaction(7, committed=True)
    assert driver.offsets("g") == {}


# Of topics that are no more.


def test_offsets_of_deleted_topics_go_in_every_group():
    driver = Driver()
    for group in ("g", "h"):
        driver.commit(group, "orders", 0, 5)
        driver.commit(group, "payments", 0, 6)
    driver.commit("h", "orders", 1, 9, producer_id=7)
    driver.run(ForgetTopics(frozenset({"orders"})))
    driver.shard.complete_transaction(7, committed=True)
    assert driver.offsets("g") == driver.offsets("h") == {("payments", 0): 6}


@pytest.mark.parametrize("is_new", [False, True])
def test_after_a_restart_offsets_of_deleted_topics_go(is_new):
    topics = FakeTopics(orders=1, payments=1)
    driver = Driver(topics)
    orders = topics.find("orders")
    assert orders is not None
    driver.run(Commit("g", (CommitOffset("orders", 0, 5, topic_id=orders.id), CommitOffset("payments", 0, 6))))
    topics.remove("orders")
    if is_new:
        topics._topics["orders"] = orders._replace(id=TopicId(b"another topic id"))
    found = removing.orphans(driver.shard.offsets, "g", topics)
    assert found == (OffsetRemoved("g", "orders", 0),)


# Expired.


def test_a_simple_group_keeps_an_offset_for_a_while_after_its_commit():
    driver = Driver()
    driver.commit("g", "orders", 0, 5)
    driver.now_ms += WEEK_MS - 1
    assert expired(driver) == []
    driver.now_ms += 1
    assert expired(driver) == ["orders"]


def test_a_group_keeps_its_offsets_for_a_while_after_its_last_member():
    driver = Driver()
    member, generation = driver.classic_member("g", "orders")
    driver.commit("g", "orders", 0, 5, member_id=member, generation=generation)
    driver.now_ms += 2 * WEEK_MS
    assert expired(driver) == []
    driver.run(Leave("g", (Leaving(member),)))
    driver.now_ms += WEEK_MS - 1
    assert expired(driver) == []
    driver.now_ms += 1
    assert expired(driver) == ["orders"]


def test_what_stable_consumers_do_not_read_any_more_expires():
    driver = Driver()
    member, generation = driver.classic_member("g", "orders")
    commit = Commit("g", (CommitOffset("orders", 0, 5), CommitOffset("payments", 0, 6)), member, None, generation)
    driver.run(commit)
    driver.now_ms += WEEK_MS
    assert expired(driver) == ["payments"]


def test_the_same_holds_for_the_consumer_protocol():
    driver = Driver()
    epoch = driver.consumer_member("g", "one", "orders")
    commit = Commit("g", (CommitOffset("orders", 0, 5), CommitOffset("payments", 0, 6)), "one", None, epoch)
    driver.run(commit)
    driver.now_ms += WEEK_MS
    assert expired(driver) == ["payments"]


def test_what_cannot_be_looked_into_does_not_expire_while_it_has_members():
    driver = Driver()
    member, generation = driver.classic_member("g", "orders", protocol_type="connect")
    driver.commit("g", "orders", 0, 5, member_id=member, generation=generation)
    driver.now_ms += 2 * WEEK_MS
    assert expired(driver) == []


def test_a_retention_time_of_the_client_counts_instead():
    driver = Driver()
    driver.commit("g", "orders", 0, 5, retention_ms=1_000)
    driver.commit("g", "payments", 0, 6, retention_ms=4 * WEEK_MS)
    driver.now_ms += 1_000
    assert expired(driver) == ["orders"]
    driver.now_ms += 2 * WEEK_MS
    assert expired(driver) == ["orders"]


def test_what_an_open_transaction_decides_over_does_not_expire():
    driver = Driver()
    driver.commit("g", "orders", 0, 5)
    driver.commit("g", "orders", 0, 9, producer_id=7)
    driver.now_ms += WEEK_MS
    assert expired(driver) == []
