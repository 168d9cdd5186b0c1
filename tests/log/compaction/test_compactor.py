"""One log, compacted: what stays, what goes, and what a reader sees meanwhile."""

from __future__ import annotations

import threading

import pytest

from cordwood.env.dice import SeededDice
from cordwood.log.compaction import offset_map
from cordwood.log.compaction.compactor import Compactor
from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.compaction.first_dirty import load_first_dirty
from cordwood.log.compaction.pace import CompactionStopped
from cordwood.log.config import LogConfig
from cordwood.model.errors import CorruptLog, DiskFull, LogClosed, StorageFailed
from cordwood.records.batch import Codec
from cordwood.records.control import MarkerType
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.compaction.workshop import CONFIG, DAY_MS, Workshop, check_records, state_of
from tests.log.kit import World


@pytest.fixture
def shop():
    return Workshop()


def test_the_last_value_of_each_key_stays(shop):
    shop.fill(100)
    shop.roll()
    before = shop.log.size_bytes
    result = shop.compact()
    assert result.first_dirty == shop.log.segments[-1].base_offset
    assert result.records_kept < result.records
    assert result.bytes_after < result.bytes_before
    assert shop.log.size_bytes < before / 3
    shop.check(clean_below=result.first_dirty)
    shop.reopen()
    shop.check(clean_below=result.first_dirty)


def test_only_what_is_on_the_device_is_compacted():
    """Else recovery would scan gaps, and take them for holes."""
    shop = Workshop(disk=SimDisk(), path="/sim/log")
    shop.fill(100)
    assert shop.log.recovery_point == 0
    exchange, points = shop.log.exchange, []

    def watched(run, **options):
        points.append((run[-1].next_offset, shop.log.recovery_point))
        return exchange(run, **options)

    shop.log.exchange = watched
    result = shop.compact()
    assert all(end <= recovery_point for end, recovery_point in points)
    del shop.log.exchange
    shop.log.abandon()
    shop.disk = shop.disk.crash()
    shop.tools.disk = shop.disk
    shop.log = shop.open()
    shop.check(clean_below=result.first_dirty)


def test_nothing_to_do_is_done_at_once(shop):
    assert shop.compact().rounds == 0
    shop.append((b"k", b"v"))
    assert shop.compact().rounds == 0, "the active segment is not touched"


def test_a_clean_log_is_not_rewritten(shop):
    shop.fill(60)
    shop.roll()
    shop.compact()
    segments = shop.log.segments
    shop.append((b"fresh", b"1"))
    shop.roll()
    replaced = shop.compact().segments_replaced
    assert shop.compactor().measure(0).dirty_bytes == 0
    assert shop.log.segments[0] is segments[0] or replaced


def test_a_lone_segment_of_which_nothing_goes_stays_as_it_is():
    shop = Workshop(LogConfig(flush_policy="os", segment_bytes=1000))
    for number in range(40):
        shop.append((b"k%d" % number, b"." * 100))
    segments = shop.log.segments
    result = shop.compact()
    assert result.segments_replaced == 0
    assert shop.log.segments == segments
    assert shop.compactor().first_dirty == segments[-1].base_offset


def test_several_rounds_when_the_map_is_small(monkeypatch):
    monkeypatch.setattr(offset_map, "GENERATION_ENTRIES", 3)
    shop = Workshop(entries=5)
    shop.fill(120, keys=40)
    shop.roll()
    most = []
    put = offset_map.OffsetMap.put

    def watched(table, keys, offsets):
        try:
            return put(table, keys, offsets)
        finally:
            most.append(len(table))

    monkeypatch.setattr(offset_map.OffsetMap, "put", watched)
    result = shop.compact()
    assert result.rounds > 8
    assert max(most) == 5, "the map never holds more than it may"
    assert len(shop.tools.offset_map) == 0
    shop.check(clean_below=result.first_dirty)


def test_it_goes_up_to_the_bound_and_no_further(shop):
    shop.fill(100)
    bound = shop.log.segments[4].base_offset
    result = shop.compact(bound + 1)
    assert result.first_dirty == bound
    shop.check(clean_below=bound)
    assert shop.compact(bound).rounds == 0


def test_it_goes_on_where_it_ended_after_a_restart(shop):
    shop.fill(100)
    first_dirty = shop.compact().first_dirty
    shop.reopen()
    assert shop.compactor().first_dirty == first_dirty
    assert shop.compactor().measure(0).dirty_bytes == 0


def test_small_neighbours_are_merged(shop):
    shop.fill(200)
    shop.roll()
    shop.compact()
    assert shop.log.segment_count > 8
    shop.append((b"one more", b"1"))
    shop.roll()
    count = shop.log.segment_count
    result = shop.compact()
    assert result.segments_replaced > result.segments_made
    assert shop.log.segment_count < count / 2
    assert all(segment.size_bytes <= CONFIG.segment_bytes for segment in shop.log.segments)
    shop.check(clean_below=result.first_dirty)


def test_a_tombstone_stays_for_its_time_and_then_goes():
    shop = Workshop(compaction=CompactionConfig(delete_retention_ms=DAY_MS))
    shop.append((b"a", b"1"), (b"b", b"1"))
    tombstone = shop.append((b"a", None), (b"c", b"1"))
    shop.roll()
    shop.compact()
    header, _ = shop.batch_at(tombstone)
    assert header.has_delete_horizon
    assert header.base_timestamp == shop.clock.now_ms() + DAY_MS
    assert [record.value for record in shop.log.read() if record.key == b"a"] == [None]
    shop.clock.advance(DAY_MS - 1)
    shop.append((b"d", b"1"))
    shop.roll()
    shop.compact()
    assert [record.value for record in shop.log.read() if record.key == b"a"] == [None]
    shop.clock.advance(1)
    shop.append((b"e", b"1"))
    shop.roll()
    result = shop.compact()
    assert not [record for record in shop.log.read() if record.key == b"a"]
    shop.check(clean_below=result.first_dirty)


def test_a_tombstone_in_the_dirty_part_has_no_horizon_yet(shop):
    shop.append((b"a", None))
    shop.roll()
    bound = shop.log.segments[1].base_offset
    dirty = shop.append((b"b", None))
    shop.roll()
    shop.compact(bound)
    assert not shop.batch_at(dirty)[0].has_delete_horizon


def test_records_without_key_go(shop):
    shop.append((None, b"1"), (b"a", b"2"), (None, None))
    shop.roll()
    shop.compact()
    assert next(record.value for record in shop.log.read(0)) == b"2"
    shop.check(clean_below=3)


def produced(shop, producer_id, sequence, *pairs, **options):
    return shop.append(*pairs, producer_id=producer_id, producer_epoch=3, base_sequence=sequence, **options)


def test_the_last_sequence_of_each_producer_stays(shop):
    produced(shop, 7, 0, (b"a", b"1"), codec=Codec.GZIP)
    last = produced(shop, 7, 1, (b"a", b"2"), (b"a", b"3"), codec=Codec.GZIP)
    shop.append((b"a", b"4"))
    shop.roll()
    result = shop.compact()
    header, _ = shop.batch_at(last)
    assert header.record_count == 0
    assert (header.last_sequence, header.producer_epoch, header.last_offset) == (2, 3, last + 1)
    assert (header.base_timestamp, header.max_timestamp) == (-1, -1)
    shop.check(clean_below=result.first_dirty)
    shop.log.close()
    for name in shop.names(".snapshot"):
        shop.disk.unlink(f"{shop.path}/{name}")
    shop.log = shop.open()
    assert shop.log.producers.find(7).batches[-1].last_sequence == 2
    produced(shop, 7, 3, (b"a", b"5"))
    shop.roll()
    shop.compact()
    assert last not in [header.base_offset for header in shop.headers], "it is no longer the last one"


def test_nothing_behind_the_first_open_transaction_is_compacted(shop):
    shop.append((b"a", b"1"), (b"b", b"1"))
    shop.roll()
    before = shop.log.end_offset
    produced(shop, 7, 0, (b"a", b"2"), transactional=True)
    shop.append((b"b", b"2"))
    shop.roll()
    assert shop.compactor().measure(0).limit <= before
    shop.compact()
    assert [(record.key, record.value) for record in shop.log.read(0)][:2] == [(b"a", b"1"), (b"b", b"1")]
    shop.log.append_marker(7, 3, MarkerType.ABORT, 0, 0)
    shop.roll()
    shop.compact()
    kept = [(record.key, record.value) for record in shop.log.read(0)]
    assert kept[0] == (b"a", b"1"), "what was aborted outdates nothing"
    assert (b"a", b"2") not in kept
    assert (b"b", b"2") in kept
    assert (b"b", b"1") not in kept


def test_batches_beyond_the_decompression_bound_leave_the_log_alone(shop):
    shop.append((b"a", bytes(50_000)), codec=Codec.GZIP)
    shop.roll()
    shop.tools.config = shop.tools.config.__class__(
        dedupe_buffer_bytes=10_000, io_buffer_bytes=700, decompressed_limit_bytes=40_000
    )
    with pytest.raises(CorruptLog, match="decompress"):
        shop.compact()
    assert shop.log.failure is None
    assert not shop.names(".cleaned")


def test_a_damaged_batch_is_not_made_whole(shop):
    shop.fill(50)
    segment = shop.log.segments[1]
    segment.store.file.write([b"\xff"], segment.size_bytes - 5)
    with pytest.raises(CorruptLog, match="CRC") as raised:
        shop.compact()
    assert raised.value.path == segment.path
    assert not shop.names(".cleaned")
    assert load_first_dirty(shop.disk, shop.path) == 0
    assert segment in shop.log.segments


def test_a_truncation_makes_what_comes_after_dirty_again(shop):
    shop.fill(100)
    compactor = shop.compactor()
    compactor.compact(0)
    offset = shop.log.segments[3].base_offset
    shop.log.truncate(offset)
    assert compactor.first_dirty == offset == shop.compactor().first_dirty
    shop.reopen()
    assert shop.compactor().first_dirty == offset
    shop.log.truncate(0)
    assert compactor.first_dirty == offset, "the old log is another one"
    assert shop.compactor().first_dirty == 0


def test_a_truncation_inside_a_gap_ends_at_the_batch_before():
    shop = Workshop(LogConfig(flush_policy="os", segment_bytes=2000, index_interval_bytes=100))
    for number in range(60):
        shop.append((b"k%d" % (number // 20), b"." * 40))
    shop.compact()
    survivor = shop.log.segments[0].store.header_at(0)
    assert survivor.base_offset > 3
    assert shop.log.truncate(survivor.base_offset - 1) == 0
    shop.reopen()
    assert shop.log.end_offset == 0
    assert shop.log.append(b"v") == 0


@pytest.mark.parametrize("cut", ["truncate", "truncate_before"])
def test_a_log_that_is_cut_meanwhile_stops_it(shop, cut, monkeypatch):
    shop.fill(100)
    compactor = shop.compactor()
    exchange = shop.log.exchange

    def cut_first(run, **options):
        monkeypatch.setattr(shop.log, "exchange", exchange)
        getattr(shop.log, cut)(shop.log.segments[2].base_offset)
        return exchange(run, **options)

    monkeypatch.setattr(shop.log, "exchange", cut_first)
    with pytest.raises(CompactionStopped):
        compactor.compact(0)
    assert not shop.names(".cleaned")
    assert load_first_dirty(shop.disk, shop.path) == 0
    compactor.compact(0)


def test_a_stop_leaves_a_whole_log(shop):
    shop.fill(100)
    for after in (1, 3, 10, 30, 100):
        shop.stopper.waits.clear()
        shop.stopper.stops_after = after
        shop.tools.pace.rate = 1.0  # Every read waits.
        shop.tools.pace._due = 0.0
        try:
            shop.compact()
        except CompactionStopped:
            assert not shop.names(".cleaned")
        records = shop.found.records
        assert state_of(records) == state_of(shop.appended)
    shop.stopper.stops_after = None
    shop.check(clean_below=shop.compact().first_dirty)


def test_a_closed_log_says_so(shop):
    shop.fill(50)
    compactor = shop.compactor()
    shop.log.close()
    with pytest.raises(LogClosed):
        compactor.compact(0)


def test_a_log_that_is_closed_meanwhile_is_left_clean(shop, monkeypatch):
    shop.fill(50)
    exchange = shop.log.exchange

    def close_first(run, **options):
        shop.log.close()
        return exchange(run, **options)

    monkeypatch.setattr(shop.log, "exchange", close_first)
    with pytest.raises(LogClosed):
        shop.compact()
    assert not shop.names(".cleaned")
    shop.log = shop.open()
    shop.check(clean_below=shop.compact().first_dirty)


@pytest.mark.parametrize("operation", [Operation.WRITE, Operation.CREATE, Operation.DATASYNC])
@pytest.mark.parametrize("suffix", [".log.cleaned", ".idx.cleaned"])
def test_a_failing_copy_is_thrown_away(operation, suffix):
    disk = SimDisk()
    shop = Workshop(disk=disk, path="/sim/log")
    shop.fill(50)
    disk.faults.fail(Fault(operation, 28, suffix=suffix))
    with pytest.raises(StorageFailed) as raised:
        shop.compact()
    assert isinstance(raised.value, DiskFull) == (operation is not Operation.DATASYNC)
    assert shop.log.failure is None
    assert not shop.names(".cleaned")
    shop.append((b"goes", b"on"))
    shop.check(clean_below=shop.compact().first_dirty)


@pytest.mark.parametrize("skip", range(8))
def test_a_failing_swap_ends_the_writing_and_the_next_opening_finishes_it(skip):
    disk = SimDisk()
    shop = Workshop(disk=disk, path="/sim/log")
    shop.fill(50)
    shop.log.checkpoint()
    disk.faults.fail(Fault(Operation.RENAME, skip=skip))
    with pytest.raises(StorageFailed):
        shop.compact()
    assert shop.log.failure is not None
    check_records(shop.appended, shop.found.records, dirty_from=shop.log.segments[-1].base_offset)
    shop.log.abandon()
    shop.log = shop.open()
    check_records(shop.appended, shop.found.records, dirty_from=shop.log.segments[-1].base_offset)
    shop.append((b"goes", b"on"))
    shop.check(clean_below=shop.compact().first_dirty)


def test_readers_go_on_in_what_was_replaced():
    shop = Workshop(LogConfig(flush_policy="os", segment_bytes=4000, index_interval_bytes=100))
    shop.fill(300, codecs=(Codec.NONE,))
    shop.log.checkpoint()
    shop.reopen()
    reader = shop.log.read()
    before = [next(reader) for _ in range(3)]
    old = shop.log.segments
    ranges = [shop.log.read_range(segment.base_offset, 1 << 20) for segment in old]
    stored = [bytes(found.file.view(found.start, found.end)) for found in ranges]
    shop.compact()
    shop.clock.advance(DAY_MS)
    shop.log.clean()
    assert not shop.names(".deleted")
    assert [bytes(found.file.view(found.start, found.end)) for found in ranges] == stored
    # A reader that holds the old list of segments finds its place in their indexes, and leaves the new ones alone.
    files = {name: shop.content(name) for name in shop.names()}
    for segment in old[:-1]:
        assert segment.locate(segment.next_offset - 1).base_offset <= segment.next_offset - 1
        assert segment._repair(segment.indexes)
        assert segment.locate(segment.base_offset) == (segment.base_offset, 0)
    assert {name: shop.content(name) for name in shop.names()} == files
    assert state_of([*before, *reader]) == state_of(shop.appended)


def test_a_reader_beside_a_compaction_sees_the_right_records():
    shop = Workshop(LogConfig(flush_policy="os", segment_bytes=3000, index_interval_bytes=100))
    shop.fill(400, keys=30)
    wanted = state_of(shop.appended)
    failures, rounds = [], []
    done = threading.Event()

    def read():
        while not done.is_set() or not rounds:
            records = list(shop.log.read())
            offsets = [record.offset for record in records]
            if offsets != sorted(set(offsets)) or state_of(records) != wanted:
                failures.append(offsets)
            rounds.append(len(records))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for bound in [segment.next_offset for segment in shop.log.segments[:-1]]:
            shop.compact(bound)
    finally:
        done.set()
        reader.join()
    assert not failures
    shop.check(clean_below=shop.compactor().first_dirty)


def test_nobody_is_served_what_is_left_of_an_emptied_batch_where_appends_go_on():
    """The segments behind it were cut off, or were empty when the log was opened: the compacted one takes the appends."""
    shop = Workshop()
    shop.append((b"stays", b"1"))
    shop.append((b"key", b"old"))
    end = shop.log.end_offset
    shop.append((b"key", b"." * 900))
    shop.roll()
    shop.compact()
    shop.log.truncate(end)
    for _ in range(2):
        stored = shop.log.segments[-1].store.headers(0, shop.log.size_bytes)
        assert [batch.record_count for _, batch in stored] == [1, 0]
        assert shop.log.read_range(end - 1, 1 << 20) is None
        assert [record.key for record in shop.log.read()] == [b"stays"]
        shop.reopen()
    offset = shop.append((b"after", b"2"))
    found = shop.log.read_range(end - 1, 1 << 20)
    assert (found.base_offset, found.end) == (offset, shop.log.size_bytes)


def test_a_compactor_says_whose_it_is(shop):
    assert shop.path in repr(shop.compactor())
    compactor = shop.compactor()
    compactor.reconfigure(CompactionConfig(min_cleanable_ratio=0.1))
    assert compactor.config.min_cleanable_ratio == 0.1
    assert isinstance(compactor, Compactor)


@pytest.mark.parametrize("kind", [MarkerType.COMMIT, MarkerType.ABORT])
def test_the_end_of_a_transaction_is_durable_before_anything_goes_for_it(kind):
    """Else a power failure takes the marker back, and what it made outdated, or aborted, is gone all the same."""
    shop = Workshop(disk=SimDisk(SeededDice(1)), path="/sim/log")
    shop.append((b"a", b"old"))
    shop.append((b"a", b"new"), producer_id=7, producer_epoch=0, base_sequence=0, transactional=True)
    shop.roll()
    shop.log.checkpoint()
    shop.log.append_marker(7, 0, kind, 0, 0)
    shop.compact()
    left = [record.value for record in shop.found.read if record.key == b"a"]
    assert left == [b"new" if kind is MarkerType.COMMIT else b"old"]
    for seed in range(10):
        world = World(shop.config, shop.disk.fork().crash(SeededDice(seed)), "/sim/log")
        log = world.open()
        assert log.first_undecided_offset() is None
        log.abandon()
