"""A full heartbeat is told by its fields."""

from __future__ import annotations

import msgspec
import pytest

from cordwood.groups.consumer.commands import ConsumerHeartbeat
from cordwood.groups.consumer.partitions import NO_PARTITIONS

FULL = ConsumerHeartbeat(
    "g", "m", 1, 1, rebalance_timeout_ms=1000, topics=frozenset({"t"}), regex="t.*", owned=NO_PARTITIONS
)


def test_a_full_request_says_everything():
    assert FULL.is_full
    assert msgspec.structs.replace(FULL, topics=None).is_full
    assert msgspec.structs.replace(FULL, regex=None).is_full


@pytest.mark.parametrize("missing", [{"rebalance_timeout_ms": -1}, {"topics": None, "regex": None}, {"owned": None}])
def test_a_request_that_leaves_something_out_is_not_full(missing):
    assert not msgspec.structs.replace(FULL, **missing).is_full
