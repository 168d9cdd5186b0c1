"""Statistics of logs."""

from __future__ import annotations

import pytest

from cordwood.log.tools import stats as module
from cordwood.log.tools.stats import CodecStats, LogStats, log_stats
from cordwood.model.errors import StorageFailed
from cordwood.records.batch import Codec
from cordwood.records.control import MarkerType
from cordwood.records.record import Record
from tests.log.compaction.workshop import Workshop
from tests.log.kit import OS, SMALL, World, produced
from tests.log.tools.damage import filled, flip, name_of, remove


def test_a_log():
    world = filled()
    stats = log_stats(world.disk, world.path)
    stores = [world.content(name) for name in world.names(".log")]
    indexes = [world.content(name) for suffix in (".idx", ".timeidx") for name in world.names(suffix)]
    assert (stats.segments, stats.batches, stats.records, stats.producers) == (len(stores), 54, 134, 2)
    assert stats.size_bytes == sum(map(len, stores))
    assert stats.index_bytes == sum(map(len, indexes))
    assert stats.batch_bytes == pytest.approx(stats.size_bytes / 54)
    assert stats.index_ratio == pytest.approx(stats.index_bytes / stats.size_bytes)
    assert (stats.first_timestamp, stats.last_timestamp) == (1000, 1089)
    assert list(stats.codecs) == ["none"]
    assert stats.codecs["none"].ratio is None
    assert not stats.damaged


def test_an_empty_log():
    world = World()
    world.open().close()
    stats = log_stats(world.disk, world.path)
    assert (stats.segments, stats.batches, stats.batch_bytes, stats.index_ratio) == (1, 0, 0, 0)
    assert (stats.first_timestamp, stats.last_timestamp) == (None, None)


def compressed(count=1):
    world = World(OS)
    log = world.open()
    for codec in Codec:
        for _ in range(count):
            log.append_records([Record(0, 5, None, b"abc" * 1000)] * 10, codec=codec)
    return world


def test_codecs_and_how_well_they_do():
    world = compressed()
    stats = log_stats(world.disk, world.path)
    assert list(stats.codecs) == ["none", "gzip", "snappy", "lz4", "zstd"]
    for name, codec in stats.codecs.items():
        assert (codec.batches, codec.records) == (1, 10)
        if name != "none":
            assert codec.decompressed_bytes > 30_000
            assert (codec.ratio or 0) > 10
    assert sum(codec.size_bytes for codec in stats.codecs.values()) == stats.size_bytes


def test_only_a_sample_is_decompressed(monkeypatch):
    monkeypatch.setattr(module, "SAMPLE_BYTES", 50_000)
    world = compressed(5)
    codec = log_stats(world.disk, world.path).codecs["zstd"]
    assert codec.batches == 5
    assert 50_000 < codec.decompressed_bytes < 70_000
    assert codec.sampled_bytes < codec.size_bytes / 2


def test_logs_add_up():
    world, other = filled(), compressed()
    total = LogStats("all", logs=0)
    for one in (world, other):
        total.add(log_stats(one.disk, one.path))
    assert (total.logs, total.batches, total.records) == (2, 59, 184)
    assert (total.first_timestamp, total.last_timestamp) == (5, 1089)
    assert total.codecs["none"].batches == 55
    assert CodecStats().ratio is None


def test_what_cannot_be_read_on_is_told():
    world = filled()
    second = world.names(".log")[1]
    size = len(world.content(second))
    flip(world, second, 16)
    stats = log_stats(world.disk, world.path)
    assert len(stats.damaged) == 1
    assert second in stats.damaged[0]
    assert stats.size_bytes == sum(len(world.content(name)) for name in world.names(".log")) - size


def test_a_codec_that_cannot_read_its_batch():
    world = compressed()
    name = name_of(0, ".log")
    content = bytearray(world.content(name))
    zstd = content.rindex(b"\x28\xb5\x2f\xfd")
    content[zstd] = 0
    world.replace(name, bytes(content))
    assert len(log_stats(world.disk, world.path).damaged) == 1


def test_an_append_under_way_does_not_count():
    world = World(OS)
    log = world.open()
    log.append_batch(produced(3, 0, 0, 2), 0)
    whole = world.content(name_of(0, ".log"))
    world.replace(name_of(0, ".log"), whole + whole[:80])
    stats = log_stats(world.disk, world.path)
    assert (stats.batches, stats.damaged) == (1, [])


def test_a_segment_that_goes_away_meanwhile(monkeypatch):
    world = filled()
    real = module._count_segment

    def count(disk, files, base, *rest):
        if base == 0 and "00000000000000000000.log" in world.names():
            for suffix in (".log", ".idx", ".timeidx"):
                remove(world, name_of(0, suffix))
        return real(disk, files, base, *rest)

    monkeypatch.setattr(module, "_count_segment", count)
    stats = log_stats(world.disk, world.path)
    assert stats.segments == len(world.names(".log"))
    assert stats.size_bytes == sum(len(world.content(name)) for name in world.names(".log"))


def test_a_disk_that_fails_is_told(monkeypatch):
    def fail(*_):
        raise StorageFailed("x.log", "read", OSError(5, "EIO"))

    monkeypatch.setattr(module, "_count_segment", fail)
    world = filled()
    with pytest.raises(StorageFailed):
        log_stats(world.disk, world.path)


def test_what_is_to_be_compacted():
    shop = Workshop()
    assert log_stats(shop.disk, shop.path).dirty_ratio is None
    shop.fill(30)
    shop.compact()
    stats = log_stats(shop.disk, shop.path)
    assert (stats.dirty_ratio, stats.dirty_bytes) == (0.0, 0)
    shop.fill(30)
    assert 0 < (log_stats(shop.disk, shop.path).dirty_ratio or 0) < 1


def test_progress_is_told_in_bytes():
    world = filled()
    seen = []
    stats = log_stats(world.disk, world.path, seen.append)
    assert sum(seen) == stats.size_bytes


def test_transactions_are_counted():
    world = World(SMALL)
    log = world.open()
    log.append_batch(produced(7, 0, 0, 2, transactional=True), 0)
    log.append_marker(7, 0, MarkerType.ABORT, 0, 0)
    log.close()
    stats = log_stats(world.disk, world.path)
    assert (stats.control_batches, stats.transactional_batches, stats.batches) == (1, 2, 2)
    assert stats.index_bytes == sum(len(world.content(name)) for name in world.names("idx"))
    assert world.names(".txnidx")
