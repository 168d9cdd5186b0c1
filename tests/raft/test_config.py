"""What a configuration may be."""

from __future__ import annotations

import pytest

from cordwood.raft.config import RaftConfig, ReadMode
from cordwood.raft.errors import InvalidRaftConfig


def test_the_defaults_hold_together():
    config = RaftConfig(1)
    assert config.max_inflight_bytes >= config.max_size_per_message


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"id": 0}, ["id 0"]),
        ({"heartbeat_ticks": 0}, ["heartbeat_ticks"]),
        ({"election_ticks": 1}, ["election_ticks"]),
        ({"applied": -1}, ["applied"]),
        ({"max_inflight_messages": 0, "max_pending_reads": 0}, ["max_inflight_messages", "max_pending_reads"]),
        ({"max_inflight_bytes": 10}, ["max_inflight_bytes"]),
        ({"max_entry_size": 3}, ["max_entry_size"]),
        ({"read_mode": ReadMode.LEASE, "check_quorum": False}, ["check_quorum"]),
        ({"read_mode": ReadMode.LEASE, "max_clock_drift_ticks": -1}, ["max_clock_drift_ticks"]),
        ({"read_mode": ReadMode.LEASE, "election_ticks": 4}, ["election_ticks"]),
    ],
)
def test_everything_wrong_is_told(values, names):
    with pytest.raises(InvalidRaftConfig) as caught:
        RaftConfig(**{"id": 1, **values})
    assert len(caught.value.problems) == len(names)
    for name, problem in zip(names, caught.value.problems, strict=True):
        assert name in problem


def test_a_lease_is_shorter_than_the_patience_of_followers():
    config = RaftConfig(1, election_ticks=10, max_clock_drift_ticks=3, read_mode=ReadMode.LEASE)
    assert config.lease_ticks == 5
