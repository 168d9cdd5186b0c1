"""The shard asks the right one, clears up a part at a time, and is after a restart what its stored records say."""

from __future__ import annotations

from cordwood.groups import shard as shards
from cordwood.groups.classic.commands import Heartbeat
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.listing import DescribeClassic, ListGroups
from cordwood.groups.shard import CLEARING
from cordwood.model.decision import merged
from cordwood.model.group_errors import UnknownMember
from tests.groups.driver import WEEK_MS, Driver


def test_an_error_is_an_answer():
    assert isinstance(Driver().run(Heartbeat("g", "m", None, 1)), UnknownMember)


def test_commands_go_to_the_kind_of_group_that_has_the_name():
    driver = Driver()
    driver.consumer_member("new", "one", "orders")
    member, generation = driver.classic_member("old", "orders")
    assert driver.run(Heartbeat("old", member, None, generation)) is None
    assert isinstance(driver.run(Heartbeat("new", "stranger", None, generation)), UnknownMember)
    assert isinstance(driver.shard.groups["old"], ClassicGroup)
    assert isinstance(driver.shard.groups["new"], ConsumerGroup)


def test_questions_are_answered_from_what_is_so():
    driver = Driver()
    driver.classic_member("old", "orders")
    assert [listing.group for listing in driver.shard.ask(ListGroups(), driver.turn())] == ["old"]
    assert driver.shard.ask(DescribeClassic("old"), driver.turn()).group == "old"


def test_a_restart_gives_back_groups_members_and_offsets():
    driver = Driver()
    member, generation = driver.classic_member("old", "orders")
    driver.commit("old", "orders", 0, 5, member_id=member, generation=generation)
    epoch = driver.consumer_member("new", "one", "orders")
    driver.commit("new", "orders", 0, 6, member_id="one", generation=epoch)
    driver.commit("simple", "orders", 0, 7)
    other = driver.restarted()
    assert other.run(Heartbeat("old", member, None, generation)) is None
    assert [other.offsets(group) for group in ("old", "new", "simple")] == [{("orders", 0): n} for n in (5, 6, 7)]
    other.carry_out(merged(*other.shard.loaded(other.turn())))
    purposes = {key[0] for key in other.timers}
    assert {"classic-session", "consumer-session", "clearing"} <= purposes


def test_the_loaded_shard_drops_offsets_of_topics_that_were_deleted():
    driver = Driver()
    driver.commit("g", "orders", 0, 5)
    driver.commit("g", "payments", 0, 6)
    driver.topics.remove("orders")
    other = driver.restarted()
    other.carry_out(merged(*other.shard.loaded(other.turn())))
    assert other.offsets("g") == {("payments", 0): 6}


def test_clearing_goes_on_until_all_were_looked_at(monkeypatch):
    monkeypatch.setattr(shards, "CLEARED_AT_ONCE", 2)
    driver = Driver()
    for number in range(4):
        driver.commit(f"g{number}", "orders", 0, 5)
    driver.timers[CLEARING] = driver.now_ms
    driver.now_ms += WEEK_MS
    lefts = []
    for _ in range(2):
        driver.fire(CLEARING)
        lefts.append((len(driver.shard.groups), driver.timers[CLEARING] - driver.now_ms))
    assert lefts == [(2, 0), (0, 600_000)]
