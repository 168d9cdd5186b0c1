"""Opening: what is kept, what is cut, and what is refused."""

from __future__ import annotations

import pytest

from cordwood.model.errors import CorruptLog, StorageFailed
from cordwood.model.raftlog_errors import ChunkHole
from cordwood.raftlog.chunk import chunk_name
from cordwood.raftlog.codecs import TEXTS
from cordwood.raftlog.records import Append, Commit, RaftLogState, RecordCodec, SaveVote, State
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.raftlog.kit import PATH, World, build_purged_sample, build_sample, dumped, read_all

CODEC = RecordCodec(TEXTS)
LAST = chunk_name(509)
HEAD = CODEC.encode(State(RaftLogState()))


@pytest.fixture
def world():
    """A directory with the chunks 324 and 509, the last of 129 bytes, whose owner died."""
    world = World()
    build_purged_sample(world.open())
    world.abandon()
    assert world.names() == [chunk_name(324), LAST]
    return world


def cut(world, name, size):
    """Cuts a file."""
    world.disk.open(f"{PATH}/{name}").truncate(size)


def test_an_empty_directory_becomes_an_empty_log():
    world = World()
    log = world.open()
    assert log.log_state() == RaftLogState()
    assert read_all(log) == []
    log.close()
    assert world.names() == [chunk_name(0)]
    assert world.content(chunk_name(0)) == HEAD


def test_everything_is_read_back(world):
    log = world.open()
    assert log.log_state() == RaftLogState(None, (2, 7), (1, 2), (2, 3), None)
    assert [log_id for log_id, _ in read_all(log)] == [(2, 4), (2, 5), (2, 6), (2, 7)]
    assert (log.cut_bytes, log.warnings) == (0, ())


def test_a_healthy_last_chunk_goes_on(world):
    log = world.open(chunk_max_records=7)
    log.append([((3, index), "more") for index in range(8, 13)])
    log.sync()
    assert world.names() == [chunk_name(324), LAST, chunk_name(509 + 129 + 4 * 36)]
    stat = log.stat()
    assert [chunk.records for chunk in stat.closed_chunks] == [5, 7]
    assert stat.open_chunk.records == 2


def test_a_full_last_chunk_is_closed_by_the_next_record(world):
    log = world.open(chunk_max_records=3)
    assert log.stat().open_chunk.records == 3
    log.save_vote((9, 9))
    assert [chunk.records for chunk in log.stat().closed_chunks] == [5, 4]


@pytest.mark.parametrize("size", range(102, 129))
def test_an_unfinished_record_is_cut_and_a_new_chunk_begins(world, size):
    cut(world, LAST, size)
    log = world.open()
    assert log.cut_bytes == size - 101
    assert log.log_state() == RaftLogState(None, (2, 7), (1, 2), (1, 1), None)
    state = "State(RaftLogState {{ vote: None, last: Some({}), committed: Some((1, 2)), purged: Some((1, 1)), {} }})"
    assert dumped(log).splitlines()[7:] == [
        "ChunkId(00_000_000_000_000_000_509)",
        f"  R-00000: [000_000_000, 000_000_066) Size(66): {state.format('(2, 6)', 'user_data: None')}",
        '  R-00001: [000_000_066, 000_000_101) Size(35): Append((2, 7), "wow")',
        "ChunkId(00_000_000_000_000_000_610)",
        f"  R-00000: [000_000_000, 000_000_066) Size(66): {state.format('(2, 7)', 'user_data: None')}",
    ]
    log.close()
    assert world.open().cut_bytes == 0


@pytest.mark.parametrize("zeros", [3, 33 * 1024])
def test_zeros_at_the_end_are_cut_and_a_new_chunk_begins(world, zeros):
    cut(world, LAST, 129 + zeros)
    log = world.open()
    assert log.cut_bytes == zeros
    assert log.log_state().purged == (2, 3)
    assert [chunk.start for chunk in log.stat().closed_chunks] == [324, 509]
    assert log.stat().open_chunk.start == 638


def test_the_switch_forbids_to_cut(world):
    cut(world, LAST, 120)
    with pytest.raises(CorruptLog, match="are not to be cut") as raised:
        world.open(truncates_incomplete_record=False)
    assert (raised.value.path, raised.value.position) == (f"{PATH}/{LAST}", 101)
    assert len(world.content(LAST)) == 120
    assert world.open().cut_bytes == 19


@pytest.mark.parametrize("position", [105, 115, 127])
def test_damage_at_the_very_end_is_an_error_that_tells_both_checksums(world, position):
    bad = bytearray(world.content(LAST))
    bad[position] ^= 1
    world.put(LAST, bytes(bad))
    with pytest.raises(CorruptLog, match=r"the checksum is [0-9a-f]{8}, of the bytes [0-9a-f]{8}") as raised:
        world.open()
    assert (raised.value.path, raised.value.position) == (f"{PATH}/{LAST}", 101)
    assert world.content(LAST) == bad, "nothing was cut"


def test_damage_anywhere_but_in_the_last_record_is_an_error(world):
    """Every byte of the directory: no change of one goes unseen, and none loses a record that follows."""
    for name in world.names():
        good = world.content(name)
        for position in range(len(good) if name != LAST else 101):
            bad = bytearray(good)
            bad[position] = (bad[position] + 1) % 256
            world.put(name, bytes(bad))
            with pytest.raises(CorruptLog) as raised:
                world.open()
            assert raised.value.path == f"{PATH}/{name}"
            assert raised.value.position <= position
        world.put(name, good)
    world.open()


def test_a_closed_chunk_that_ends_early_is_damage(world):
    cut(world, chunk_name(324), 182)
    with pytest.raises(CorruptLog, match="in a chunk that was closed") as raised:
        world.open()
    assert (raised.value.path, raised.value.position) == (f"{PATH}/{chunk_name(324)}", 150)


def test_a_hole_names_both_offsets(world):
    cut(world, chunk_name(324), 150)
    with pytest.raises(ChunkHole, match="ends at offset 474 of the log, and the next one begins at 509") as raised:
        world.open()
    assert (raised.value.end, raised.value.start) == (474, 509)


def test_a_missing_chunk_is_a_hole():
    world = World()
    build_sample(world.open())
    world.abandon()
    world.disk.unlink(f"{PATH}/{chunk_name(161)}")
    with pytest.raises(ChunkHole) as raised:
        world.open()
    assert (raised.value.end, raised.value.start) == (161, 324)


def test_any_suffix_of_the_chunks_is_a_log():
    world = World()
    build_sample(world.open())
    world.abandon()
    for start in (0, 161, 324):
        world.disk.unlink(f"{PATH}/{chunk_name(start)}")
        log = world.open()
        assert log.log_state() == RaftLogState(None, (2, 7), (1, 2), (1, 1), None)
        world.abandon()


def test_a_chunk_begins_with_a_state(world):
    world.put(chunk_name(638), CODEC.encode(Commit((1, 2))) * 2)
    with pytest.raises(CorruptLog, match="the chunk begins with Commit, not with a state"):
        world.open()


@pytest.mark.parametrize("torn", [b"", HEAD[:7], bytes(40)])
def test_a_chunk_that_has_no_whole_record_begins_again(world, torn):
    cut(world, LAST, 129)
    world.put(chunk_name(638), torn)
    log = world.open()
    assert log.stat().open_chunk.start == 638
    assert log.log_state().purged == (2, 3)
    log.save_vote((5, 5))
    log.close()
    assert [len(world.content(name)) for name in world.names()][-1] == 66 + 28
    assert world.open().log_state().vote == (5, 5)


def test_a_first_chunk_that_has_no_whole_record_begins_again():
    world = World()
    world.put(chunk_name(0), HEAD[:5])
    log = world.open()
    assert log.log_state() == RaftLogState()
    log.close()
    assert world.content(chunk_name(0)) == HEAD


def test_a_log_that_lost_its_beginning_is_refused():
    world = World()
    world.put(chunk_name(638), HEAD[:5])
    with pytest.raises(CorruptLog, match="the log began before it"):
        world.open()


@pytest.mark.parametrize("record", [SaveVote((1, 0)), Append((1, 5), "x"), Append((1, 1), "x")])
def test_records_that_contradict_each_other_are_damage(record):
    world = World()
    first = HEAD + CODEC.encode(SaveVote((1, 1))) + CODEC.encode(Append((1, 1), "x"))
    world.put(chunk_name(0), first + CODEC.encode(record))
    with pytest.raises(CorruptLog, match="a record contradicts those before it") as raised:
        world.open()
    assert raised.value.position == len(first)


def test_names_that_are_no_chunks_are_told_and_left(world):
    world.put("notes.txt", b"mine")
    log = world.open()
    assert log.warnings == ("notes.txt is ignored: it is no name of a chunk, such as r-00_000_000_000_000_000_000.wal",)
    log.close()
    assert world.content("notes.txt") == b"mine"


def test_what_an_interrupted_cut_left_goes(world):
    world.put(f"{LAST}.cut", b"half")
    assert world.open().warnings == ()
    assert not world.disk.exists(f"{PATH}/{LAST}.cut")


def test_chunks_that_a_purge_left_behind_go():
    world = World(disk=SimDisk())
    log = world.open()
    build_sample(log)
    log.purge((2, 3))
    log.flush()
    world.disk.faults.fail(Fault(Operation.UNLINK))
    log.flusher.turn()
    assert isinstance(log.failure, StorageFailed)
    assert len(world.names()) == 4
    log = world.open()
    assert world.names() == [chunk_name(324), LAST]
    assert [log_id for log_id, _ in read_all(log)] == [(2, 4), (2, 5), (2, 6), (2, 7)]


def test_a_failed_opening_gives_the_directory_up(world):
    cut(world, chunk_name(324), 150)
    for _ in range(2):
        with pytest.raises(ChunkHole):
            world.open()


def test_after_opening_only_the_open_chunk_has_to_stay_in_memory():
    world = World()
    build_sample(world.open())
    log = world.open(cache_max_items=0)
    stat = log.stat()
    assert (stat.entries, stat.cache_items, stat.cache_boundary) == (6, 1, 509)
    assert len(read_all(log)) == 6
    assert log.access_stat() == (1, 5)
