"""Producers whose batches were deleted are still known after a crash, or not at all: never half."""

from __future__ import annotations

import pytest

from cordwood.log.config import LogConfig
from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.sim.disk import SimDisk
from tests.sim.log_workload import open_log

CONFIG = LogConfig(segment_bytes=100)


def batch(sequence: int) -> memoryview:
    """One record of a producer."""
    return memoryview(
        bytearray(build_batch([Record(0, 1, None, b"x" * 30)], producer_id=7, producer_epoch=0, base_sequence=sequence))
    )


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_deletion_that_no_checkpoint_came_before(first):
    disk = SimDisk()
    log, _ = open_log(disk, CONFIG)
    for sequence in range(first):
        log.append_batch(batch(sequence), 0)
    log.checkpoint()
    for sequence in range(first, 4):
        log.append_batch(batch(sequence), 0)
    log.append_many([b"the segment that stays"])
    log.truncate_before(log.end_offset - 1)
    log, _ = open_log(disk.crash(), CONFIG)
    assert log.append_batch(batch(3), 0).duplicate
    assert not log.append_batch(batch(4), 0).duplicate
