"""Verification of one segment: bad places, and what its opening would take for a torn end."""

from __future__ import annotations

import pytest
from crc32c import crc32c

from cordwood.log.tools.verify import Options, verify_log
from cordwood.records.batch import parse_header
from cordwood.records.builder import build_batch
from tests.log.kit import OS, World, batch, records
from tests.log.tools.damage import cut, flip, name_of, notes, overwrite, verified

STORE = name_of(0, ".log")


def one_segment(count=5, *, size=10, settled=0):
    """A log with one segment that was left without being closed; a checkpoint follows the batch `settled`."""
    world = World(OS)
    log = world.open()
    for number in range(count):
        log.append_batch(batch(1, size=size, start=number), 0)
        if number + 1 == settled:
            log.checkpoint()
    return world


def told(world, *, records=False):
    report = verify_log(world.disk, world.path, Options(decodes_records=records))
    return [(finding.level.value, finding.code.value, finding.position) for finding in report.findings]


def batch_size(world):
    return parse_header(world.content(STORE)).size_bytes


def test_all_is_well():
    world = one_segment(settled=5)
    report = verified(world)
    assert not report.findings
    assert (report.start_offset, report.end_offset, report.recovery_point) == (0, 5, 5)
    assert (report.segments, report.batches, report.size_bytes) == (1, 5, 5 * batch_size(world))


@pytest.mark.parametrize("left", [1, 30, 70])
def test_a_torn_end_is_unfinished(left):
    world = one_segment(settled=3)
    size = batch_size(world)
    cut(world, STORE, 4 * size + left)
    assert told(world) == [("note", "unfinished", 4 * size)]
    assert verified(world).end_offset == 4
    assert world.open().end_offset == 4


def test_zeros_and_rubbish_at_the_end_are_unfinished():
    for rest in (bytes(5000), b"rubbish" * 20):
        world = one_segment(settled=3)
        end = len(world.content(STORE))
        world.replace(STORE, world.content(STORE) + rest)
        assert told(world) == [("note", "unfinished", end)]


def test_a_wrong_byte_with_batches_behind_it_is_damage():
    world = one_segment()
    size = batch_size(world)
    flip(world, STORE, 2 * size + 70)
    assert ("damage", "crc", 2 * size) in told(world)
    assert verified(world).end_offset == 5


def test_a_wrong_byte_at_the_very_end_was_never_acknowledged():
    world = one_segment()
    flip(world, STORE, 4 * batch_size(world) + 70)
    assert told(world) == [("note", "unfinished", 4 * batch_size(world))]


def test_below_the_recovery_point_everything_is_damage():
    world = one_segment(settled=5)
    size = batch_size(world)
    flip(world, STORE, 4 * size + 70)
    assert told(world) == [("damage", "crc", 4 * size)]
    cut(world, STORE, 4 * size + 70)
    assert told(world) == [("damage", "batch", 4 * size)]


def test_a_hole_behind_the_recovery_point_is_a_torn_write():
    """Pages reach a device in any order."""
    world = one_segment(4, size=5000, settled=1)
    size = batch_size(world)
    overwrite(world, STORE, 8192, bytes(4096))
    assert told(world) == [("note", "unfinished", size)]
    assert verified(world).end_offset == 1
    assert world.open().end_offset == 1


def test_every_bad_place_is_told():
    world = one_segment(8, settled=8)
    size = batch_size(world)
    for number in (1, 3, 6):
        flip(world, STORE, number * size + 70)
    assert told(world) == [("damage", "crc", number * size) for number in (1, 3, 6)]


def test_a_batch_with_a_wrong_offset_misleads_no_other_check():
    world = one_segment(6, settled=6)
    flip(world, STORE, 2 * batch_size(world) + 3)
    [finding] = verified(world).findings
    assert (finding.code, finding.position, finding.right) == ("offset", 2 * batch_size(world), 2)
    assert verified(world).end_offset == 6


def test_wrong_offsets_at_the_end_are_judged_like_other_bad_places():
    world = one_segment(4, settled=3)
    size = batch_size(world)
    overwrite(world, STORE, 3 * size, bytes(8))
    assert told(world) == [("note", "unfinished", 3 * size)]
    assert verified(world).end_offset == 3


def test_records_are_read_when_asked():
    world = one_segment(2)
    damaged = bytearray(build_batch(records(2), base_offset=2))
    damaged[61] += 2
    world.replace(STORE, world.content(STORE) + _with_right_crc(damaged))
    assert ("damage", "records", 2 * batch_size(world)) in told(world, records=True)
    assert all(code != "records" for _, code, _ in told(world))


def _with_right_crc(data):
    data[17:21] = crc32c(bytes(data[21:])).to_bytes(4, "big")
    return bytes(data)


def test_records_out_of_order():
    world = World()
    repeated = bytearray(build_batch(records(3)))
    length = repeated[61] // 2 + 1
    assert repeated[61 + length + 3] == 2, "the offset delta of the second record"
    repeated[61 + length + 3] = 0
    world.replace(STORE, _with_right_crc(repeated))
    report = verify_log(world.disk, world.path, Options(decodes_records=True))
    assert [finding.message for finding in report.damage] == ["its records have offset 0 after 0"]


def test_records_beyond_their_batch():
    world = World()
    beyond = bytearray(build_batch(records(1)))
    beyond[64] = 8
    world.replace(STORE, _with_right_crc(beyond))
    report = verify_log(world.disk, world.path, Options(decodes_records=True))
    assert [finding.message for finding in report.damage] == ["its records have the offsets 4 to 4"]


def test_an_empty_last_segment_is_a_rotation_under_way():
    world = one_segment(2, settled=2)
    world.replace(name_of(2, ".log"), b"")
    assert told(world) == [("note", "empty-segment", None)]


def test_an_empty_log_is_clean():
    world = World()
    world.open().close()
    assert not verified(world).damage
    assert notes(verified(world)) == []


def test_progress_is_told_in_bytes():
    world = one_segment(5)
    seen = []
    verify_log(world.disk, world.path, Options(progress=seen.append))
    assert sum(seen) == len(world.content(STORE))
