"""Both kinds of group answer the same questions."""

from __future__ import annotations

from cordwood.groups import kinds
from cordwood.groups.classic.commands import Leave, Leaving
from cordwood.groups.classic.views import GroupDescription, GroupListing
from cordwood.groups.consumer.describe import GroupView
from tests.groups.driver import Driver


def both() -> Driver:
    driver = Driver()
    driver.classic_member("old", "orders")
    driver.consumer_member("new", "one", "orders")
    return driver


def test_names_and_members():
    driver = both()
    for name, group in driver.shard.groups.items():
        assert kinds.name_of(group) == name
        assert kinds.member_count(group) == 1
        assert not kinds.is_empty(group)


def test_listings():
    driver = both()
    listings = [kinds.listing(group) for group in driver.shard.groups.values()]
    assert listings == [
        GroupListing("old", "consumer", "Stable", "classic"),
        GroupListing("new", "consumer", "Stable", "consumer"),
    ]


def test_each_kind_has_its_description():
    driver = both()
    old, new = driver.shard.groups["old"], driver.shard.groups["new"]
    assert isinstance(kinds.describe_classic(old), GroupDescription)
    assert isinstance(kinds.describe_consumer(new, driver.turn()), GroupView)
    assert kinds.describe_classic(new) is kinds.describe_classic(None) is None
    assert kinds.describe_consumer(old, driver.turn()) is None


def test_subscriptions():
    driver = both()
    for group in driver.shard.groups.values():
        assert kinds.is_subscribed(group, "orders")
        assert not kinds.is_subscribed(group, "payments")


def test_when_retention_begins():
    driver = both()
    driver.commit("simple", "orders", 0, 5)
    member, _ = driver.classic_member("left", "orders")
    driver.run(Leave("left", (Leaving(member),)))
    driver.classic_member("connect", protocol_type="connect")
    starts = {name: kinds.expiry_start(group) for name, group in driver.shard.groups.items()}
    assert starts == {
        "old": kinds.FROM_COMMIT,
        "new": kinds.FROM_COMMIT,
        "simple": kinds.FROM_COMMIT,
        "left": driver.now_ms,
        "connect": None,
    }


def test_members_have_their_time_again_after_a_restart():
    restarted = both().restarted()
    timers = [kinds.loaded(group, restarted.turn()).timers for group in restarted.shard.groups.values()]
    assert all(timers)


def test_a_removed_group_leaves_nothing():
    driver = both()
    for group in list(driver.shard.groups.values()):
        driver.carry_out(kinds.removal(group))
    assert driver.shard.groups == {}
    assert driver.restarted().shard.groups == {}
