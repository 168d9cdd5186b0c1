"""What is counted on a cluster."""

from __future__ import annotations

from tests.cli.cluster.sights import BROKEN, WELL, partition, seen


def test_a_cluster_that_is_well() -> None:
    assert (WELL.topics, WELL.leaderless, WELL.under_replicated, WELL.under_min_isr) == (2, [], [], [])
    assert list(WELL.missing()) == []


def test_one_that_is_not() -> None:
    assert list(map(str, BROKEN.leaderless)) == ["orders-0"]
    assert list(map(str, BROKEN.under_replicated)) == ["orders-0", "orders-1", "bills-0"]
    assert list(map(str, BROKEN.under_min_isr)) == ["orders-0", "orders-1"]
    assert list(BROKEN.missing()) == [(4, 1)]


def test_without_settings_nothing_is_too_few() -> None:
    assert seen(partition("orders", 0, isr=())).under_min_isr == []
