"""Where clients are sent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from cordwood.broker.context import Call, Session
from cordwood.broker.reach import leader_of, reach_of, reachable
from cordwood.metadata import Broker, Endpoint, Image, Partition
from cordwood.wire.errors import ErrorCode

INSIDE, OUTSIDE = Endpoint("INSIDE", "one.local", 9092), Endpoint("OUTSIDE", "one.example", 9093)
IMAGE = Image(
    brokers={
        1: Broker(1, 1, b"", (INSIDE, OUTSIDE)),
        2: Broker(2, 2, b"", (Endpoint("INSIDE", "two.local", 9092),)),
    }
)


def call(listener: str) -> Call:
    return Call(Session(listener, "somebody"), 0, None)


def context(*offline: int) -> Any:
    """Of broker 1, whose storage fails these partitions."""
    partitions = SimpleNamespace(is_offline=lambda topic, index: index in offline)
    return cast(Any, SimpleNamespace(settings=SimpleNamespace(broker_id=1), partitions=partitions))


def test_a_client_is_told_of_the_listener_it_came_by() -> None:
    assert [(broker.id, endpoint) for broker, endpoint in reachable(IMAGE, "OUTSIDE")] == [(1, OUTSIDE)]
    assert [endpoint.host for _, endpoint in reachable(IMAGE, "INSIDE")] == ["one.local", "two.local"]
    assert list(reachable(IMAGE, "ELSEWHERE")) == []


@pytest.mark.parametrize(
    ("leader", "listener", "offline", "told"),
    [
        (1, "OUTSIDE", (), (1, [], ErrorCode.NONE)),
        (2, "INSIDE", (), (2, [], ErrorCode.NONE)),
        (2, "OUTSIDE", (), (-1, [], ErrorCode.LISTENER_NOT_FOUND)),
        (-1, "INSIDE", (), (-1, [], ErrorCode.LEADER_NOT_AVAILABLE)),
        (1, "INSIDE", (5,), (-1, [1], ErrorCode.LEADER_NOT_AVAILABLE)),
        (1, "INSIDE", (6,), (1, [], ErrorCode.NONE)),
    ],
)
def test_who_leads(
    leader: int, listener: str, offline: tuple[int, ...], told: tuple[int, list[int], ErrorCode]
) -> None:
    replica = 1 if leader < 0 else leader
    partition = Partition(5, leader, 0, 0, (replica,), (replica,))
    reach = reach_of(IMAGE, call(listener), ErrorCode.LISTENER_NOT_FOUND)
    assert leader_of(context(*offline), reach, "t", partition) == told
