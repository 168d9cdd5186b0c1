"""Opening after every kind of end: what is trusted, scanned, cut and refused."""

from __future__ import annotations

import pytest

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.backend import FileKind
from cordwood.log.config import LogConfig
from cordwood.log.log import SCAN_AGAIN_BYTES
from cordwood.log.recovery import PAGE_BYTES, SECTOR_BYTES, recover
from cordwood.model.errors import CorruptLog, DiskFull, StorageFailed
from cordwood.records.batch import stamp
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.log.kit import OS, SMALL, World, batch, produced, values

STORE = f"{0:020d}.log"


def copy_of(world):
    """The same files on a disk of their own: what a process that died left."""
    twin = World(world.config, MemoryDisk(), world.path)
    for name in world.names():
        twin.replace(name, world.content(name))
    return twin


def filled(count=10, config=OS, *, settled=0, size=10):
    """A log of single records that was left without being closed; a checkpoint follows the record `settled`."""
    world = World(config)
    log = world.open()
    for number in range(count):
        if number == settled and settled:
            log.checkpoint()
        log.append(b"%d" % number + b"." * size)
    return world, log


def expected(count, size=10):
    return [(number, b"%d" % number + b"." * size) for number in range(count)]


def scanned(world):
    """How much an opening looks at and cuts."""
    twin = copy_of(world)
    found = recover(twin.disk, twin.backend(), world.config.index_interval_bytes, 0)
    return found.scanned_bytes, found.cut_bytes


# Torn tails.


@pytest.mark.parametrize("settled", [0, 5])
def test_a_file_cut_at_any_byte_keeps_its_whole_batches(settled):
    world, log = filled(8, settled=settled)
    data = world.content(STORE)
    ends = [log.read_range(number, 1).end for number in range(8)]
    for cut in range(ends[4], len(data) + 1):
        twin = copy_of(world)
        twin.replace(STORE, data[:cut])
        whole = sum(1 for end in ends if end <= cut)
        with twin.open() as again:
            assert values(again) == expected(whole)
            assert again.append(b"next") == whole
        assert values(twin.open()) == [*expected(whole), (whole, b"next")]


@pytest.mark.parametrize("zeros", [1, 60, 61, 5000, 3_000_000])
def test_zeros_at_the_end_are_a_torn_tail(zeros):
    world, _ = filled()
    world.replace(STORE, world.content(STORE) + bytes(zeros))
    assert scanned(world)[1] == zeros
    assert values(world.open()) == expected(10)
    assert world.store().size() == len(world.content(STORE)) < 2000


def test_rubbish_at_the_end_is_a_torn_tail():
    world, _ = filled()
    world.replace(STORE, world.content(STORE) + b"\xfe\x01rubbish" * 100)
    assert values(world.open()) == expected(10)


@pytest.mark.parametrize("settled", [0, 9])
def test_any_damage_to_the_last_batch_is_a_torn_write(settled):
    world, log = filled(10, settled=settled)
    data = world.content(STORE)
    start = log.read_range(9, 1).start
    for position in range(start, len(data)):
        if start + 12 <= position < start + 16:
            continue  # The leader epoch, which no CRC covers.
        damaged = bytearray(data)
        damaged[position] ^= 0x5A
        twin = copy_of(world)
        twin.replace(STORE, bytes(damaged))
        if start + 4 <= position < start + 8:
            continue  # Nor the offset: compaction leaves gaps, so a larger one may be right.
        assert values(twin.open()) == expected(9)


def test_a_page_that_did_not_reach_the_device_is_a_torn_write_whatever_follows():
    world, log = filled(200, size=90)
    data = world.content(STORE)
    for page in (PAGE_BYTES, 2 * PAGE_BYTES, len(data) // PAGE_BYTES * PAGE_BYTES - PAGE_BYTES):
        twin = copy_of(world)
        twin.replace(STORE, data[:page] + bytes(PAGE_BYTES) + data[page + PAGE_BYTES :])
        whole = sum(1 for number in range(200) if log.read_range(number, 1).end <= page)
        assert values(twin.open()) == expected(whole, 90)


def test_a_page_that_was_written_in_part_is_a_torn_write_too():
    world, log = filled(200, size=90)
    data = world.content(STORE)
    torn = PAGE_BYTES + 1000
    whole = sum(1 for number in range(200) if log.read_range(number, 1).end <= torn)
    world.replace(STORE, data[:torn] + bytes(2 * PAGE_BYTES - torn) + data[2 * PAGE_BYTES :])
    assert values(world.open()) == expected(whole, 90)


@pytest.mark.parametrize("number", [2, 40])
def test_a_cut_of_which_one_sector_was_found_is_carried_out(number):
    world, log = filled(200, size=90)
    data, cut = world.content(STORE), log.read_range(number, 1).start
    end = cut // SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES
    world.replace(STORE, data[:cut] + bytes(end - cut) + data[end:])
    assert values(world.open()) == expected(number, 90)


def test_a_segment_that_lost_its_end_takes_those_behind_it_along():
    world, log = filled(50, SMALL)
    second = log.segments[1]
    name = f"{second.base_offset:020d}.log"
    world.replace(name, world.content(name)[:-5])
    again = world.open()
    assert again.end_offset == second.next_offset - 1
    assert values(again) == expected(second.next_offset - 1)
    assert again.segment_count == 2


def test_a_segment_that_ends_a_batch_early_is_the_same():
    world, log = filled(50, SMALL)
    second = log.segments[1]
    name = f"{second.base_offset:020d}.log"
    world.replace(name, world.content(name)[: second.locate(second.next_offset - 1).position])
    assert world.open().end_offset == second.next_offset - 1


# Corruption.


def test_a_flipped_bit_with_a_valid_batch_behind_it_is_corruption():
    world, log = filled(10)
    data = world.content(STORE)
    range_ = log.read_range(4, 1)
    for position in range(range_.start, range_.end):
        if range_.start + 12 <= position < range_.start + 16:
            continue
        damaged = bytearray(data)
        damaged[position] ^= 0x80
        twin = copy_of(world)
        twin.replace(STORE, bytes(damaged))
        before = {name: twin.content(name) for name in twin.names()}
        with pytest.raises(CorruptLog) as raised:
            twin.open()
        assert raised.value.path == f"{twin.path}/{STORE}"
        # A larger offset may be right; it is found out by the batch behind it.
        assert raised.value.position == (range_.start if position >= range_.start + 8 else raised.value.position)
        assert {name: twin.content(name) for name in twin.names()} == before


def test_damage_in_a_segment_before_a_sound_one_is_corruption():
    world, log = filled(50, SMALL)
    first = log.segments[0]
    position = first.locate(first.next_offset - 1).position
    data = bytearray(world.content(STORE))
    data[position + 70] ^= 1
    world.replace(STORE, bytes(data))
    with pytest.raises(CorruptLog) as raised:
        world.open()
    assert raised.value.position == position
    assert log.segments[1].path in raised.value.reason


def test_a_large_gap_of_rubbish_does_not_hide_what_follows():
    world, log = filled(10)
    data = world.content(STORE)
    start = log.read_range(9, 1).start
    world.replace(STORE, data[:start] + b"\xfe" * 3_000_000 + data[start:])
    with pytest.raises(CorruptLog, match=f"at byte {start}"):
        world.open()


def test_offsets_that_go_back_are_corruption():
    world, log = filled(10)
    view = batch()
    stamp(view, 0, 5, 0)
    good = batch()
    stamp(good, 0, 10, 0)
    world.store().write([view, good], log.size_bytes)
    with pytest.raises(CorruptLog, match="does not follow"):
        world.open()


@pytest.mark.parametrize("cut", [1, 50])
def test_what_was_on_the_device_is_never_cut(cut):
    world, _ = filled(10)
    world.open().checkpoint()
    data = world.content(STORE)
    world.replace(STORE, data[:-cut])
    with pytest.raises(CorruptLog, match="was on the device"):
        world.open()


def test_damage_below_the_recovery_point_is_corruption_even_at_the_end():
    world, _ = filled(10)
    world.open().checkpoint()
    data = world.content(STORE)
    world.replace(STORE, data[:-1] + bytes([data[-1] ^ 1]))
    world.disk.unlink(f"{world.path}/leader-epochs")
    with pytest.raises(CorruptLog, match="was on the device"):
        world.open()


def test_a_log_whose_files_went_is_corruption():
    world, _ = filled(10)
    world.open().checkpoint()
    world.disk.unlink(f"{world.path}/{STORE}")
    with pytest.raises(CorruptLog):
        world.open()


def test_a_damaged_meta_is_corruption():
    world, _ = filled(10)
    world.open().checkpoint()
    world.replace("partition.meta", b"rubbish")
    with pytest.raises(CorruptLog, match=r"partition\.meta"):
        world.open()


# What is trusted.


def test_after_a_clean_stop_nothing_is_scanned():
    world, log = filled(50, SMALL)
    log.close()
    assert scanned(world) == (0, 0)
    before = {name: world.content(name) for name in world.names()}
    again = world.open()
    assert values(again) == expected(50)
    assert {name: world.content(name) for name in world.names()} == before


def test_after_a_crash_what_follows_the_recovery_point_is_scanned():
    config = LogConfig(flush_policy="os", index_interval_bytes=0)
    world, log = filled(50, config, settled=40)
    looked_at, _ = scanned(world)
    assert looked_at == log.size_bytes - log.read_range(40, 1).start
    again = world.open()
    assert values(again) == expected(50)
    assert (again.recovery_point, again.synced_offset) == (40, 50)


def test_what_is_quickly_scanned_again_is_left_to_the_next_checkpoint():
    world, _ = filled(50, OS, settled=40)
    again = world.open()
    assert again.has_news
    again.checkpoint()
    assert (again.recovery_point, scanned(world)) == (50, (0, 0))


def test_a_long_scan_is_not_done_twice():
    world, log = filled(50, OS, settled=40)
    log.append(bytes(SCAN_AGAIN_BYTES // 2))
    log.append(bytes(SCAN_AGAIN_BYTES // 2))
    assert world.open().recovery_point == 52
    assert scanned(world) == (0, 0)


def test_what_was_found_is_durable_before_anybody_reads_it():
    world = World(disk=SimDisk(), path="/sim/log")
    log = world.open()
    for number in range(10):
        log.append(b"%d" % number + b"." * 10)
    world.disk = world.disk.kill()
    assert values(world.open()) == expected(10)
    world.disk = world.disk.crash()
    assert values(world.open()) == expected(10)


@pytest.mark.parametrize("kind", [FileKind.INDEX, FileKind.TIME_INDEX])
@pytest.mark.parametrize("damage", [None, b"", b"x" * 7, b"\xff" * 64, bytes(64)])
def test_a_damaged_index_of_the_active_segment_is_made_again(kind, damage):
    config = LogConfig(flush_policy="os", index_interval_bytes=200)
    world, _ = filled(50, config, settled=40)
    name = f"{0:020d}{kind}"
    if damage is None:
        world.disk.unlink(f"{world.path}/{name}")
    else:
        world.replace(name, damage)
    log = world.open()
    assert values(log) == expected(50)
    for number in range(50):
        assert log.read_range(number, 1).base_offset == number
    log.close()
    whole = World(config)
    other = whole.open()
    for number, record in enumerate(log_records(world)):
        assert other.append(record.value, timestamp_ms=record.timestamp_ms) == number
    other.close()
    assert world.content(name)[:-16] == whole.content(name)[:-16] or kind is FileKind.TIME_INDEX


def log_records(world):
    return list(world.open().read())


def test_an_index_entry_that_leads_nowhere_is_found_when_the_segment_is_opened():
    config = LogConfig(flush_policy="os", index_interval_bytes=200)
    world, _ = filled(50, config, settled=40)
    name = f"{0:020d}.idx"
    data = bytearray(world.content(name))
    data[-8] ^= 1
    world.replace(name, bytes(data))
    assert values(world.open()) == expected(50)


def test_epochs_that_went_are_found_in_the_batches():
    world = World(SMALL)
    log = world.open()
    for number in range(60):
        log.append_batch(batch(1), number // 7)
    entries = log.epochs.entries
    log.close()
    for damage in (None, b"rubbish"):
        twin = copy_of(world)
        if damage is None:
            twin.disk.unlink(f"{twin.path}/leader-epochs")
        else:
            twin.replace("leader-epochs", damage)
        again = twin.open()
        assert again.epochs.entries == entries
        assert len(values(again)) == 60


def test_stale_epochs_give_way_to_those_of_the_batches():
    world = World()
    log = world.open()
    for number in range(10):
        log.append_batch(batch(1), 3 + number // 5)
    log.checkpoint()
    stale = world.content("leader-epochs")
    log.truncate(3)
    log.append_batch(batch(1), 4)
    world.replace("leader-epochs", stale)
    assert world.open().epochs.entries == ((3, 0), (4, 3))


# Producers.


def with_producers(world, count=40):
    log = world.open()
    for number in range(count):
        log.append_batch(produced(7 + number % 3, 0, number // 3), 0)
        if number % 10 == 9:
            log.checkpoint()
    log.append_batch(produced(7, 1, 0), 0)
    return log


def states(log):
    return {id_: (producer.epoch, producer.batches) for id_, producer in log.producers}


@pytest.mark.parametrize("config", [OS, SMALL])
def test_producers_are_rebuilt_from_a_snapshot_and_the_batches_after_it(config):
    world = World(config)
    wanted = states(with_producers(world))
    names = world.names(".snapshot")
    assert names
    for lost in range(len(names) + 1):
        for damage in (None, b"rubbish"):
            twin = copy_of(world)
            for name in names[len(names) - lost :]:
                if damage is None:
                    twin.disk.unlink(f"{twin.path}/{name}")
                else:
                    twin.replace(name, damage)
            assert states(twin.open()) == wanted


def test_a_snapshot_beyond_the_end_is_not_believed_and_does_not_stay():
    world = World()
    log = with_producers(world)
    ahead = world.names(".snapshot")[-1]
    log.truncate(5)
    world.replace(ahead, copy_of(world).content("partition.meta"))
    again = world.open()
    assert ahead not in world.names()
    assert states(again)[7][1][-1].last_sequence == 1


# Leftovers.


def test_leftovers_are_removed():
    world, log = filled(50, SMALL)
    base = log.segments[1].base_offset
    log.close()
    for name in (
        "00000000000000009999.idx",
        "00000000000000009999.timeidx",
        "00000000000000009999.snapshot",
        "00000000000000000003.log.1.deleted",
        "leader-epochs.new",
        f"{base:020d}.log.cut",
    ):
        world.replace(name, b"x")
    kept = len(world.names())
    again = world.open()
    assert values(again) == expected(50)
    world.backend().clean()
    assert len(world.names()) == kept - 6


def test_an_empty_segment_of_a_failed_rotation_is_removed():
    world, log = filled(50, SMALL)
    middle = log.segments[1].next_offset - 1
    world.replace(f"{middle:020d}.log", b"")
    world.replace(f"{log.end_offset:020d}.log", b"")
    assert values(world.open()) == expected(50)
    assert f"{middle:020d}.log" not in world.names()


def test_a_first_segment_that_lost_everything_is_told():
    world, _ = filled(50, SMALL)
    world.open().checkpoint()
    world.replace(STORE, b"")
    world.disk.unlink(f"{world.path}/leader-epochs")
    with pytest.raises(CorruptLog):
        world.open()


def test_segments_below_the_start_are_removed():
    world, log = filled(50, SMALL)
    files = {name: world.content(name) for name in world.names()}
    log.truncate_before(30)
    for name, data in files.items():
        if name.endswith(".log"):
            world.replace(name, data)
    again = world.open()
    assert again.start_offset == 30
    assert again.segments[0].next_offset > 30
    assert values(again) == expected(50)[30:]


def test_a_missing_beginning_moves_the_start():
    world, log = filled(50, SMALL)
    second = log.segments[1].base_offset
    log.close()
    world.disk.unlink(f"{world.path}/{STORE}")
    assert world.open().start_offset == second


def test_a_log_without_meta_is_scanned_whole():
    world, log = filled(50, SMALL)
    log.close()
    world.disk.unlink(f"{world.path}/partition.meta")
    assert scanned(world)[0] == log.size_bytes
    assert values(world.open()) == expected(50)


# Disks that fail.


def test_a_full_disk_can_be_opened_and_read():
    world = World(SMALL, SimDisk(), "/sim/log")
    log = world.open()
    for number in range(50):
        log.append(b"%d" % number + b"." * 10)
    world.disk = world.disk.kill()
    world.disk.faults.fail(Fault(Operation.WRITE, number=28, times=1000))
    log = world.open()
    assert values(log) == expected(50)
    with pytest.raises(DiskFull):
        log.append(b"x")


def test_a_disk_that_does_not_sync_is_not_opened():
    world = World(OS, SimDisk(), "/sim/log")
    world.open().append(b"x")
    world.disk = world.disk.kill()
    world.disk.faults.fail(Fault(Operation.DATASYNC))
    with pytest.raises(StorageFailed):
        world.open()
