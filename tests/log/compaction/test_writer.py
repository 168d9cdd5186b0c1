"""The copy of a segment: its bytes, and its indexes as the log would have made them."""

from __future__ import annotations

import pytest

from cordwood.log.backend import FileKind
from cordwood.log.compaction import writer as module
from cordwood.log.compaction.pace import Pace
from cordwood.log.compaction.swap import CleanedFiles, Run
from cordwood.log.compaction.writer import CleanedSegment
from cordwood.log.store import Store
from cordwood.sim.clock import SimClock
from cordwood.sim.disk import SimDisk
from tests.log.compaction.workshop import Stopper, Workshop

BUFFER_BYTES = 700


@pytest.fixture
def shop():
    shop = Workshop(path="/sim/log", disk=SimDisk())
    shop.fill(60)
    return shop


def written(shop, segment):
    """A copy of a closed segment."""
    run = Run(segment.base_offset, segment.next_offset)
    files = CleanedFiles(shop.disk, shop.path, run)
    copy = CleanedSegment(files, run, shop.config.index_interval_bytes, BUFFER_BYTES, Pace(SimClock(), Stopper()))
    for position, header in segment.store.headers(0, segment.size_bytes):
        copy.add(segment.store.file.read(header.size_bytes, position), header)
    return copy, files, run


def test_a_copy_equals_what_it_is_a_copy_of(shop):
    segment = shop.log.segments[1]
    copy, _, run = written(shop, segment)
    assert copy.size_bytes == segment.size_bytes
    copy.finish()
    for kind in (FileKind.STORE, FileKind.INDEX, FileKind.TIME_INDEX):
        name = run.file_name(kind, ".cleaned")
        assert shop.content(name) == shop.content(f"{segment.base_offset:020d}{kind}")


def test_a_finished_copy_is_durable(shop):
    segment = shop.log.segments[1]
    copy, _, run = written(shop, segment)
    copy.finish()
    stored = shop.content(run.file_name(FileKind.STORE, ".cleaned"))
    shop.disk.sync_directory(shop.path)
    shop.disk = shop.disk.crash()
    assert shop.content(run.file_name(FileKind.STORE, ".cleaned")) == stored


def test_a_long_copy_is_synced_now_and_then(shop, monkeypatch):
    monkeypatch.setattr(module, "SYNC_BYTES", BUFFER_BYTES)
    synced = []
    sync = Store.sync

    def noted(store):
        synced.append(store.size_bytes)
        sync(store)

    monkeypatch.setattr(Store, "sync", noted)
    segment = shop.log.segments[1]
    copy, _, _ = written(shop, segment)
    assert len(synced) == segment.size_bytes // BUFFER_BYTES
    copy.finish()
    assert synced[-1] == segment.size_bytes


def test_leftovers_are_overwritten(shop):
    segment = shop.log.segments[1]
    run = Run(segment.base_offset, segment.next_offset)
    for kind in (FileKind.STORE, FileKind.INDEX):
        shop.replace(run.file_name(kind, ".cleaned"), b"x" * 5000)
    copy, _, _ = written(shop, segment)
    copy.finish()
    assert shop.content(run.file_name(FileKind.STORE, ".cleaned")) == shop.content(f"{run.start:020d}.log")


def test_a_discarded_copy_leaves_nothing(shop):
    copy, _, _ = written(shop, shop.log.segments[1])
    copy.discard()
    assert not shop.names(".cleaned")
