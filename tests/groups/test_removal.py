"""Groups go when somebody deletes them, or when nothing is left of them."""

from __future__ import annotations

from cordwood.groups import removal
from cordwood.groups.classic.commands import Leave, Leaving
from cordwood.groups.classic.records import GroupRemoved
from cordwood.groups.offsets.records import OffsetRemoved
from cordwood.groups.removal import DeleteGroup
from cordwood.model.group_errors import GroupNotFound, NonEmptyGroup
from tests.groups.driver import WEEK_MS, Driver


def cleared(driver: Driver, group: str = "g") -> list[type]:
    result = removal.cleared(driver.shard.groups[group], driver.shard.offsets, driver.turn())
    return [type(record) for record in driver.carry_out(result).records]


def test_a_deleted_group_takes_its_offsets_along():
    driver = Driver()
    driver.commit("g", "orders", 0, 5)
    driver.commit("g", "orders", 1, 6, producer_id=7)
    assert driver.run(DeleteGroup("g")) is None
    driver.shard.complete_transaction(7, committed=True)
    assert driver.shard.groups == {}
    assert driver.shard.offsets.groups() == []
    assert driver.restarted().shard.offsets.count == 0


def test_a_group_that_is_not_there_cannot_be_deleted():
    assert isinstance(Driver().run(DeleteGroup("g")), GroupNotFound)


def test_a_group_with_members_cannot_be_deleted():
    driver = Driver()
    driver.classic_member("old", "orders")
    driver.consumer_member("new", "one", "orders")
    assert isinstance(driver.run(DeleteGroup("old")), NonEmptyGroup)
    assert isinstance(driver.run(DeleteGroup("new")), NonEmptyGroup)


def test_a_group_goes_with_its_last_offset():
    driver = Driver()
    driver.commit("g", "orders", 0, 5)
    driver.now_ms += WEEK_MS // 2
    driver.commit("g", "payments", 0, 6)
    driver.now_ms += WEEK_MS // 2
    assert cleared(driver) == [OffsetRemoved]
    driver.now_ms += WEEK_MS // 2
    assert cleared(driver) == [OffsetRemoved, GroupRemoved]
    assert driver.shard.groups == {}


def test_an_empty_group_without_offsets_goes_at_once():
    driver = Driver()
    member, _ = driver.classic_member("g", "orders")
    assert cleared(driver) == []
    driver.run(Leave("g", (Leaving(member),)))
    assert cleared(driver) == [GroupRemoved]


def test_a_group_with_an_open_transaction_stays():
    driver = Driver()
    driver.commit("g", "orders", 0, 5, producer_id=7)
    driver.now_ms += WEEK_MS
    assert cleared(driver) == []
