"""Records are found by timestamp, whether or not timestamps grow with offsets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.log.config import LogConfig
from cordwood.records.record import Record
from tests.log.kit import World, batch

CONFIG = LogConfig(flush_policy="os", segment_bytes=600, index_interval_bytes=100)


def slow_find(stamps, wanted, start):
    found = [(stamp, offset) for offset, stamp in enumerate(stamps) if offset >= start and stamp >= wanted]
    return found[0] if found else None


@given(
    st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=4), min_size=1, max_size=25),
    st.data(),
)
def test_a_search_is_that_of_a_list(batches, data):
    world = World(CONFIG)
    log = world.open()
    for stamps in batches:
        log.append_records([Record(0, stamp, None, b"x" * 10) for stamp in stamps])
    stamps = [stamp for stamps in batches for stamp in stamps]
    start = data.draw(st.integers(0, len(stamps)))
    log.truncate_before(start)
    if data.draw(st.booleans()):
        log.close()
        log = world.open()
    for wanted in range(22):
        found = log.find_timestamp(wanted)
        assert (found[:2] if found else None) == slow_find(stamps, wanted, start)
        assert log.find_offset(timestamp_ms=wanted) == (found.offset if found else None)
    latest = log.max_timestamp()
    expected = slow_find(stamps, max(stamps[start:]), start) if start < len(stamps) else None
    assert (latest[:2] if latest else None) == expected


def test_an_empty_log_has_no_timestamps():
    log = World().open()
    assert log.find_timestamp(0) is None
    assert log.max_timestamp() is None


def test_records_without_timestamps_are_not_found():
    log = World().open()
    log.append_batch(batch(1, timestamp_ms=-1), 0)
    assert log.max_timestamp() is None
    assert log.find_timestamp(0) is None


def test_the_leader_epoch_comes_along():
    log = World().open()
    log.append_batch(batch(2, timestamp_ms=50), 3)
    assert log.find_timestamp(51) == (51, 1, 3)


@pytest.mark.parametrize("reopen", [False, True])
def test_a_log_of_one_timestamp_is_searched_to_its_end(reopen):
    world = World(LogConfig(flush_policy="os", index_interval_bytes=100))
    log = world.open()
    for _ in range(50):
        log.append(b"x", timestamp_ms=100)
        log.checkpoint()
    log.append(b"y", timestamp_ms=200)
    if reopen:
        log = world.open()
    assert log.find_offset(timestamp_ms=150) == 50
    assert log.find_offset(timestamp_ms=100) == 0
