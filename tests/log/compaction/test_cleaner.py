"""The copy of a run of segments."""

from __future__ import annotations

import pytest

from cordwood.log.compaction.cleaner import RunCleaner
from cordwood.log.compaction.filtering import Filter
from cordwood.log.compaction.offset_map import OffsetMap
from cordwood.log.compaction.outcomes import Outcomes
from cordwood.log.config import LogConfig
from cordwood.model.errors import StorageFailed
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.compaction.workshop import Workshop


@pytest.fixture
def shop():
    """Twelve keys in six closed segments of two batches."""
    shop = Workshop(LogConfig(flush_policy="os", segment_bytes=300), SimDisk(), path="/sim/log")
    for number in range(14):
        shop.append((b"k%d" % number, b"v" * 60))
    return shop


def sieve(outdated=()):
    table = OffsetMap(100)
    if outdated:
        table.put([b"k%d" % number for number in outdated], [1000] * len(outdated))
    return Filter(
        table,
        1000,
        now_ms=0,
        delete_retention_ms=0,
        last_offsets={},
        last_epochs={},
        outcomes=Outcomes(),
        limit_bytes=1 << 20,
        breathe=lambda: None,
    )


def cleaned(shop, group, outdated=()):
    cleaner = RunCleaner(shop.tools, shop.log, group)
    return cleaner, cleaner.clean(sieve(outdated), Outcomes())


def test_a_lone_segment_of_which_all_stays_is_not_copied(shop):
    names = shop.names()
    assert not cleaned(shop, shop.log.segments[:1])[1]
    assert shop.names() == names


@pytest.mark.parametrize(("outdated", "kept"), [([0], 1), ([1], 0), ([0, 1], None)])
def test_a_lone_segment_is_copied_when_something_goes(shop, outdated, kept):
    group = shop.log.segments[:1]
    cleaner, has_files = cleaned(shop, group, outdated)
    assert has_files
    copied = shop.content(cleaner.run.file_name(".log", ".cleaned"))
    original = shop.content("00000000000000000000.log")
    half = len(original) // 2
    batches = [original[:half], original[half:]]
    end = b"" if kept == 1 else copied[-61:]  # The last batch leaves its header.
    assert copied == (batches[kept] if kept is not None else b"") + end


def test_a_run_is_always_copied(shop):
    group = shop.log.segments[:3]
    cleaner, has_files = cleaned(shop, group)
    assert has_files
    assert cleaner.run == (0, 6)
    originals = b"".join(shop.content(f"{segment.base_offset:020d}.log") for segment in group)
    assert shop.content(cleaner.run.file_name(".log", ".cleaned")) == originals
    cleaner.discard()
    cleaner.discard()
    assert not shop.names(".cleaned")


def test_only_the_end_of_a_run_is_remembered(shop):
    cleaner, _ = cleaned(shop, shop.log.segments[:3], range(6))
    assert len(shop.content(cleaner.run.file_name(".log", ".cleaned"))) == 61


def test_a_failure_leaves_nothing_even_if_the_disk_fails_twice(shop):
    shop.disk.faults.fail(Fault(Operation.DATASYNC, suffix=".cleaned"))
    with pytest.raises(StorageFailed):
        cleaned(shop, shop.log.segments[:3])
    assert not shop.names(".cleaned")
    shop.disk.faults.fail(Fault(Operation.DATASYNC, suffix=".cleaned"))
    shop.disk.faults.fail(Fault(Operation.UNLINK))
    with pytest.raises(StorageFailed, match="fdatasync"):
        cleaned(shop, shop.log.segments[:3])
    assert shop.names(".cleaned"), "the next opening removes them"
