"""Heartbeats that make no sense are refused as Kafka refuses them."""

from __future__ import annotations

import msgspec
import pytest

from cordwood.groups.consumer.commands import ConsumerHeartbeat
from cordwood.groups.consumer.partitions import NO_PARTITIONS
from cordwood.groups.consumer.request_checks import check_heartbeat
from cordwood.groups.settings import GroupSettings
from cordwood.model.errors import InvalidRequest
from cordwood.model.group_errors import UnsupportedAssignor
from cordwood.model.ids import TopicId

JOIN = ConsumerHeartbeat(
    "g", "m", 0, 1, rebalance_timeout_ms=1000, topics=frozenset({"t"}), owned=NO_PARTITIONS, assignor="range"
)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"version": 0, "member_id": ""},
        {"topics": None, "regex": ""},
        {"topics": frozenset()},
        {"epoch": 5, "owned": None, "rebalance_timeout_ms": -1, "topics": None},
        {"epoch": -1},
        {"epoch": -2, "instance_id": "i"},
    ],
)
def test_what_makes_sense_passes(fields):
    check_heartbeat(msgspec.structs.replace(JOIN, **fields), GroupSettings())


@pytest.mark.parametrize(
    "fields",
    [
        {"member_id": ""},
        {"version": 0, "member_id": "", "epoch": 1},
        {"version": 0, "member_id": "", "epoch": -1},
        {"group": ""},
        {"instance_id": ""},
        {"rack_id": ""},
        {"rebalance_timeout_ms": -1},
        {"owned": None},
        {"owned": frozenset({(TopicId(bytes(16)), 0)})},
        {"topics": None},
        {"epoch": -2},
        {"epoch": -3},
    ],
)
def test_what_makes_none_is_refused(fields):
    with pytest.raises(InvalidRequest):
        check_heartbeat(msgspec.structs.replace(JOIN, **fields), GroupSettings())


def test_an_assignor_that_there_is_not_is_refused():
    with pytest.raises(UnsupportedAssignor, match="uniform, range"):
        check_heartbeat(msgspec.structs.replace(JOIN, assignor="sticky"), GroupSettings())
