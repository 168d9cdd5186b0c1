"""Which log is next, and who may stop it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from cordwood.env.background import Threads
from cordwood.env.clock import SystemClock
from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.compaction.compactor import Compactor
from cordwood.log.compaction.config import CleanerConfig, CompactionConfig
from cordwood.log.compaction.pace import CompactionStopped
from cordwood.log.compaction.schedule import REST_MS, CompactionSchedule
from cordwood.model.errors import CorruptLog, DiskFull, StorageFailed
from cordwood.sim.background import SimBackground
from tests.log.compaction.workshop import Workshop

CONFIG = CleanerConfig(dedupe_buffer_bytes=100_000, backoff_ms=1000)


class Shop(Workshop):
    """A log with its compactor in a schedule."""

    dirt: Compactor


class Yard:
    """A schedule, and logs for it."""

    def __init__(self, background=None, clock=None):
        self.disk = MemoryDisk()
        self.shops = []
        first = Workshop(disk=self.disk, path="/mem/unused")
        self.clock = clock or first.clock
        self.schedule = CompactionSchedule(background or SimBackground(), self.clock, self.disk, CONFIG)

    def log(self, name, *, clean=0, dirty=10, upto=None, **config):
        """A log with so many clean and dirty segments."""
        shop = Shop(disk=self.disk, path=f"/mem/{name}")
        shop.clock = self.clock
        for number in range(clean):
            shop.append((b"c%d" % number, b"." * 700))
        shop.roll()
        shop.compact()
        for _ in range(dirty):
            shop.append((b"d", b"." * 700))
        shop.compaction = CompactionConfig(**config)
        shop.dirt = Compactor(shop.log, self.schedule.tools, shop.compaction)
        self.schedule.add(shop.dirt, upto or (lambda: shop.log.end_offset))
        return shop

    def compacted(self, *shops):
        return [shop.dirt.measure(0).dirty_bytes == 0 for shop in shops]


@pytest.fixture
def yard():
    return Yard()


def test_the_filthiest_comes_first(yard):
    half, most, little = yard.log("a", clean=4, dirty=8), yard.log("b", dirty=10), yard.log("c", clean=10, dirty=3)
    assert yard.schedule.step()
    assert yard.compacted(half, most, little) == [False, True, False]
    assert yard.schedule.step()
    assert yard.compacted(half, most, little) == [True, True, False]
    assert not yard.schedule.step(), "the last one is not due"
    assert yard.schedule.tools.progress.compactions == 2


def test_what_must_be_compacted_comes_before_that(yard):
    old, filthy = yard.log("a", clean=10, dirty=3, max_lag_ms=1), yard.log("b")
    yard.schedule.step()
    assert yard.compacted(old, filthy) == [True, False]


def test_nothing_beyond_the_bound(yard):
    shop = yard.log("a", upto=lambda: 0)
    assert not yard.schedule.step()
    assert yard.compacted(shop) == [False]


def failing(monkeypatch, shop, error):
    def compact(now_ms, upto):
        raise error

    monkeypatch.setattr(shop.dirt, "compact", compact)


# An error that is made here once would hold all that it went through, up to the end of the run.
@pytest.mark.parametrize(("kind", "operation"), [(DiskFull, "write"), (StorageFailed, "read")])
def test_a_log_that_fails_is_left_alone_for_a_while(yard, monkeypatch, kind, operation):
    error = kind("p", operation, OSError())
    bad, good = yard.log("a", dirty=30), yard.log("b")
    with monkeypatch.context() as patch:
        failing(patch, bad, error)
        assert yard.schedule.step()
        assert yard.schedule.failures == {bad.path: error}
        assert yard.schedule.step()
        assert yard.compacted(bad, good) == [False, True]
        assert not yard.schedule.step()
    yard.clock.advance(CONFIG.backoff_ms)
    assert yard.schedule.step()
    assert yard.compacted(bad) == [True]
    assert not yard.schedule.failures
    assert yard.schedule.tools.progress.failures == 1


def test_a_damaged_log_is_left_alone_until_it_is_added_again(yard, monkeypatch):
    bad = yard.log("a")
    with monkeypatch.context() as patch:
        failing(patch, bad, CorruptLog("p", 0, "bad"))
        assert yard.schedule.step()
    yard.clock.advance(1 << 40)
    assert not yard.schedule.step()
    yard.schedule.add(bad.dirt, lambda: bad.log.end_offset)
    assert yard.schedule.step()
    assert yard.compacted(bad) == [True]


def test_a_log_that_cannot_be_measured_fails_alone(yard, monkeypatch):
    bad, good = yard.log("a"), yard.log("b")

    def measure(now_ms, upto):
        raise CorruptLog("p", 0, "bad")

    monkeypatch.setattr(bad.dirt, "measure", measure)
    assert yard.schedule.step()
    assert list(yard.schedule.failures) == [bad.path]
    assert yard.compacted(good) == [True]


def test_a_closed_log_is_forgotten(yard, monkeypatch):
    shop, other = yard.log("a"), yard.log("b")
    shop.log.close()
    compact = other.dirt.compact

    def close_first(now_ms, upto):
        other.log.close()
        return compact(now_ms, upto)

    monkeypatch.setattr(other.dirt, "compact", close_first)
    assert yard.schedule.step()
    assert len(yard.schedule) == 0
    assert not yard.schedule.failures


def test_a_stopped_compaction_is_measured_again(yard, monkeypatch):
    shop = yard.log("a")
    with monkeypatch.context() as patch:
        failing(patch, shop, CompactionStopped())
        assert yard.schedule.step()
    assert yard.schedule.tools.progress.stops == 1
    assert yard.schedule.step()
    assert yard.compacted(shop) == [True]


def test_a_removed_log_is_left_alone(yard):
    shop = yard.log("a")
    yard.schedule.remove(shop.log)
    assert not yard.schedule.step()
    assert len(yard.schedule) == 0


class Gate:
    """A compaction that waits inside until it is stopped."""

    def __init__(self, shop, monkeypatch, tools):
        self.entered = threading.Event()
        self.tools = tools
        monkeypatch.setattr(shop.dirt, "compact", self.compact)

    def compact(self, now_ms, upto):
        self.entered.set()
        assert self.tools.stop.wait(30)
        raise CompactionStopped


@pytest.fixture
def threaded():
    background = Threads()
    yard = Yard(background, SystemClock())
    yield yard
    yard.schedule.close()
    background.close()


def test_removing_a_log_stops_its_compaction_and_waits_for_that(threaded, monkeypatch):
    shop = threaded.log("a")
    gate = Gate(shop, monkeypatch, threaded.schedule.tools)
    threaded.schedule.start()
    assert gate.entered.wait(30)
    assert threaded.schedule.tools.progress.path == shop.path
    threaded.schedule.remove(shop.log)
    assert threaded.schedule.tools.progress.path is None
    assert not threaded.schedule.tools.stop.is_set(), "the others go on"


def test_the_thread_compacts_and_can_be_woken(threaded):
    threaded.schedule.start()
    compacted = threading.Event()
    shop = threaded.log("a")
    note_compacted = shop.log.note_compacted

    def noted(first_dirty, **options):
        compacted.set()
        return note_compacted(first_dirty, **options)

    shop.log.note_compacted = noted
    threaded.schedule.nudge()
    assert compacted.wait(30)
    threaded.schedule.close()
    assert threaded.compacted(shop) == [True]


def test_closing_stops_what_is_under_way(threaded, monkeypatch):
    gate = Gate(threaded.log("a"), monkeypatch, threaded.schedule.tools)
    threaded.schedule.start()
    assert gate.entered.wait(30)
    threaded.schedule.close()
    assert threaded.schedule.tools.progress.stops == 1
    assert not threaded.schedule.step()


def test_another_configuration_counts_from_the_next_log_on(yard):
    tools = yard.schedule.tools
    before = tools.offset_map
    yard.schedule.reconfigure(replace(CONFIG, io_buffer_bytes=1000, max_bytes_per_second=1e12))
    assert tools.config is CONFIG
    shop = yard.log("a")
    assert yard.schedule.step()
    assert (tools.config.io_buffer_bytes, tools.pace.rate) == (1000, 1e12)
    assert tools.offset_map is before, "a map of the same size goes on"
    yard.schedule.reconfigure(replace(CONFIG, dedupe_buffer_bytes=50_000))
    assert not yard.schedule.step()
    assert tools.offset_map is not before
    assert yard.compacted(shop) == [True]


def rest(*shops):
    for shop in shops:
        shop.log.clean()
        shop.log.checkpoint()
        assert shop.log.rest()


def test_a_log_at_rest_is_woken_only_where_time_may_have_made_it_due(yard):
    clean, little, filthy = yard.log("a", clean=3, dirty=0), yard.log("b", clean=10, dirty=3), yard.log("c")
    rest(clean, little, filthy)
    assert yard.schedule.step()
    assert [shop.log.at_rest is not None for shop in (clean, little, filthy)] == [True, False, False]
    assert not yard.schedule.step()
    rest(little, filthy)
    yard.clock.advance(REST_MS - 1)
    assert not yard.schedule.step()
    assert little.log.at_rest is not None
    yard.clock.advance(1)
    assert not yard.schedule.step()
    assert little.log.at_rest is None
    assert [shop.log.at_rest is not None for shop in (clean, filthy)] == [True, True]


def test_a_log_under_compaction_does_not_rest(yard, monkeypatch):
    shop = yard.log("a")
    shop.log.checkpoint()
    rested = []
    compact = Compactor._compact

    def compact_and_rest(*call):
        rested.append(shop.log.rest())
        return compact(*call)

    monkeypatch.setattr(Compactor, "_compact", compact_and_rest)
    assert yard.schedule.step()
    assert rested == [False]
    rest(shop)
