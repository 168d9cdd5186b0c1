"""A log looked at from end to end."""

from __future__ import annotations

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.sim.found import look


def test_all_of_it_is_seen_by_both_faces():
    with Log.open("/mem/a", LogConfig(segment_bytes=200), disk=MemoryDisk()) as log:
        for number in range(5):
            log.append_many([b"%d.%d" % (number, index) for index in range(3)], timestamp_ms=number)
        log.truncate_before(4)
        found = look(log)
    assert (found.start_offset, found.end_offset) == (4, 15)
    assert [batch.base_offset for batch in found.batches] == [3, 6, 9, 12]
    assert [record.offset for record in found.records] == list(range(4, 15))
    assert found.records[0].value == b"1.1"
    assert found.read == found.records


def test_an_empty_log():
    with Log.open("/mem/a", disk=MemoryDisk()) as log:
        found = look(log)
    assert (found.start_offset, found.end_offset, found.batches, found.records, found.read) == (0, 0, (), (), ())
