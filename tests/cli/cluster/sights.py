"""Clusters as tests need them.

Lives here: short ways to make them. Must not live here: tests.
"""

from __future__ import annotations

from typing import Any

from cordwood.cli.cluster.sight import Broker, Partition, Sight

BROKERS = tuple(Broker(number, f"b{number}", 9092, None) for number in (1, 2, 3))


def partition(
    topic: str,
    number: int,
    leader: int | None = 1,
    isr: tuple[int, ...] = (1, 2, 3),
    replicas: tuple[int, ...] = (1, 2, 3),
) -> Partition:
    """A partition of three replicas."""
    return Partition(topic, number, leader, replicas, isr)


def seen(*partitions: Partition, **more: Any) -> Sight:
    """A cluster of three brokers."""
    return Sight(**{"cluster_id": "c", "controller": 1, "brokers": BROKERS, "partitions": partitions, **more})


WELL = seen(partition("orders", 0), partition("orders", 1, leader=2), partition("bills", 0))
BROKEN = seen(
    partition("orders", 0, leader=None, isr=(), replicas=(4,)),
    partition("orders", 1, isr=(1,)),
    partition("bills", 0, isr=(1, 2)),
    unreachable={3: "connection refused"},
    min_isr={"orders": 2, "bills": 2},
)
