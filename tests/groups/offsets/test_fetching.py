"""What is told of committed offsets, and to whom."""

from __future__ import annotations

from cordwood.groups.offsets.commands import Commit, CommitOffset, FetchOffsets
from cordwood.groups.offsets.replies import FetchedOffset, OffsetsFetched
from cordwood.model.group_errors import StaleMemberEpoch, UnknownMember, UnstableOffsetCommit
from cordwood.model.ids import TopicPartition
from tests.groups.driver import Driver

ORDERS = TopicPartition("orders", 0)
PAYMENTS = TopicPartition("payments", 1)


def test_an_unknown_group_has_no_offsets_and_that_is_no_error():
    driver = Driver()
    assert driver.run(FetchOffsets("g", (ORDERS,))) == OffsetsFetched((FetchedOffset("orders", 0),))
    assert driver.run(FetchOffsets("g")) == OffsetsFetched(())


def test_offsets_come_in_the_order_of_the_question():
    driver = Driver()
    driver.run(Commit("g", (CommitOffset("orders", 0, 5, 2, "note"), CommitOffset("payments", 1, 6))))
    other = TopicPartition("orders", 1)
    fetched = driver.run(FetchOffsets("g", (PAYMENTS, other, ORDERS)))
    assert fetched.offsets == (
        FetchedOffset("payments", 1, 6),
        FetchedOffset("orders", 1),
        FetchedOffset("orders", 0, 5, 2, "note"),
    )


def test_all_offsets_come_topic_by_topic():
    driver = Driver()
    for topic, partition in (("orders", 0), ("payments", 1), ("orders", 2)):
        driver.commit("g", topic, partition, 5)
    fetched = driver.run(FetchOffsets("g"))
    assert [at.topic for at in fetched.offsets] == ["orders", "orders", "payments"]


def test_who_asks_for_stable_offsets_is_told_of_open_transactions():
    driver = Driver()
    driver.commit("g", "orders", 0, 5)
    driver.commit("g", "payments", 1, 6)
    driver.commit("g", "orders", 0, 9, producer_id=7)
    plain = driver.run(FetchOffsets("g", (ORDERS,)))
    assert plain.offsets == (FetchedOffset("orders", 0, 5),)
    for wanted in ((ORDERS, PAYMENTS), None):
        held, stable = driver.run(FetchOffsets("g", wanted, require_stable=True)).offsets
        assert isinstance(held.error, UnstableOffsetCommit)
        assert held.offset == -1
        assert stable == FetchedOffset("payments", 1, 6)
    driver.shard.complete_transaction(7, committed=False)
    (stable,) = driver.run(FetchOffsets("g", (ORDERS,), require_stable=True)).offsets
    assert stable == FetchedOffset("orders", 0, 5)


def test_a_member_of_the_consumer_protocol_shows_its_epoch():
    driver = Driver()
    epoch = driver.consumer_member("g", "one", "orders")
    driver.commit("g", "orders", 0, 5, member_id="one", generation=epoch)
    fetched = driver.run(FetchOffsets("g", (ORDERS,), "one", epoch))
    assert fetched.offsets[0].offset == 5
    assert isinstance(driver.run(FetchOffsets("g", (ORDERS,), "one", epoch - 1)), StaleMemberEpoch)
    assert isinstance(driver.run(FetchOffsets("g", (ORDERS,), "two", epoch)), UnknownMember)
    assert driver.run(FetchOffsets("g", (ORDERS,))).offsets[0].offset == 5
