"""The checker of the indexes finds searches that disagree with a scan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.sim.checkers.indexes import disagreements
from cordwood.sim.found import look


@pytest.fixture
def log():
    """A log of several segments with an entry for each batch; timestamps go up and down."""
    config = LogConfig(segment_bytes=400, index_interval_bytes=0)
    with Log.open("/mem/a", config, disk=MemoryDisk()) as log:
        for number in range(12):
            log.append_many([b"%d" % number] * 2, timestamp_ms=1000 + number * 7 % 5)
        yield log


def test_searches_agree_with_a_scan(log):
    assert log.segment_count > 2
    assert not list(disagreements(log, look(log)))


def test_a_batch_that_is_not_found_is_told(log):
    found = look(log)
    shifted = replace(found, batches=found.batches[1:] + found.batches[:1], start_offset=0)
    assert not list(disagreements(log, shifted)), "the order of the batches does not matter"
    first, *others = found.batches
    doubled = type(first)(*[getattr(others[0], name) for name in first.__struct_fields__])
    wrong = replace(found, batches=(replace_offset(doubled, 1), *others))
    assert any("offset" in finding for finding in disagreements(log, wrong))


def replace_offset(header, base_offset: int):
    """The same header elsewhere."""
    values = {name: getattr(header, name) for name in header.__struct_fields__}
    return type(header)(**{**values, "base_offset": base_offset})


def test_a_timestamp_that_is_not_found_is_told(log):
    found = look(log)
    findings = list(disagreements(log, replace(found, records=found.records[4:])))
    assert any("timestamp" in finding for finding in findings)


def test_an_entry_that_leads_nowhere_is_told(log):
    active = log.segments[-1]
    active.indexes.offsets.append(active.next_offset - 1, active.size_bytes - 1)
    assert any("has the entry" in finding for finding in disagreements(log, look(log)))
