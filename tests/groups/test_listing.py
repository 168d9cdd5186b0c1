"""Groups are found by state and type, and described by who knows their protocol."""

from __future__ import annotations

import pytest

from cordwood.groups.listing import DescribeClassic, DescribeConsumer, ListGroups, describe, list_groups
from cordwood.model.group_errors import GroupNotFound
from tests.groups.driver import Driver


@pytest.fixture
def driver() -> Driver:
    driver = Driver()
    driver.classic_member("old", "orders")
    driver.consumer_member("new", "one", "orders")
    driver.commit("simple", "orders", 0, 5)
    return driver


@pytest.mark.parametrize(
    ("states", "types", "expected"),
    [
        ((), (), ["old", "new", "simple"]),
        (("STABLE",), (), ["old", "new"]),
        (("empty", "dead"), (), ["simple"]),
        ((), ("Classic",), ["old", "simple"]),
        (("Stable",), ("consumer",), ["new"]),
        (("Unknown",), (), []),
    ],
)
def test_filters(driver, states, types, expected):
    found = list_groups(driver.shard.groups, ListGroups(frozenset(states), frozenset(types)))
    assert [listing.group for listing in found] == expected


def test_descriptions(driver):
    groups, turn = driver.shard.groups, driver.turn()
    assert describe(groups, DescribeClassic("old"), turn).state == "Stable"
    assert describe(groups, DescribeConsumer("new"), turn).state == "Stable"


@pytest.mark.parametrize("query", [DescribeClassic("new"), DescribeConsumer("old"), DescribeClassic("nobody")])
def test_a_group_of_the_other_kind_is_not_there(driver, query):
    with pytest.raises(GroupNotFound):
        describe(driver.shard.groups, query, driver.turn())
