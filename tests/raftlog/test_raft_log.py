"""The calls of a raft log: what each returns, keeps and refuses."""

from __future__ import annotations

import pytest

from cordwood.env.disk import LocalDisk
from cordwood.model.errors import DirectoryLocked, LogClosed, StorageFailed
from cordwood.model.raftlog_errors import (
    CommitBeyondLast,
    LogIdNonConsecutive,
    LogIdReversal,
    LogIndexNotFound,
    RaftLogRefusal,
    TruncateCommitted,
    VoteReversal,
)
from cordwood.raftlog.chunk import chunk_name
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.raft_log import RaftLog
from cordwood.raftlog.records import RaftLogState
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation
from tests.raftlog.kit import PATH, World, build_purged_sample, build_sample, read_all


@pytest.fixture
def world():
    return World()


@pytest.fixture
def log(world):
    return world.open()


def entries(*log_ids):
    """Entries whose payloads say which they are."""
    return [(log_id, f"entry {log_id}") for log_id in log_ids]


# What calls return and keep.


def test_calls_return_what_they_wrote(log):
    assert log.save_vote((1, 2)) == (18, 46)
    assert log.append([((1, 0), "hello"), ((1, 1), "world")]) == (46, 120)
    assert log.truncate(1) == (120, 149)
    assert log.commit((1, 0)) == (199, 227), "the fifth record closed the chunk, so a state of 50 bytes lies between"
    assert log.append([]) == (227, 227)


def test_votes_are_saved(log):
    log.save_vote((1, 2))
    log.save_vote((1, 2))
    log.save_vote((2, 1))
    assert log.log_state().vote == (2, 1)


def test_user_data_are_saved_and_taken_back(log):
    log.save_user_data("foo")
    assert log.log_state() == RaftLogState(user_data="foo")
    log.save_user_data(None)
    assert log.log_state() == RaftLogState()


def test_entries_are_read_back(log):
    log.append(iter(entries((1, 0), (1, 1), (2, 2))))
    assert list(log.read(0, 3)) == entries((1, 0), (1, 1), (2, 2))
    assert list(log.read(1, 2)) == entries((1, 1))
    assert list(log.read(2, 2)) == []
    assert list(log.read(2, 1)) == []
    assert list(log.read(3, 99)) == []
    assert log.log_state().last == (2, 2)
    assert log.log_id(1) == (1, 1)
    with pytest.raises(LogIndexNotFound):
        log.log_id(3)


def test_many_entries_at_once_go_into_as_many_chunks_as_they_need():
    new = entries(*((1, index) for index in range(3000)))
    for settings in ({"chunk_max_records": 5}, {"chunk_max_records": 4000}, {"chunk_max_bytes": 20_000}):
        world = World()
        log = world.open(**{"chunk_max_records": 1 << 20, **settings})
        one_by_one = World()
        other = one_by_one.open(**{"chunk_max_records": 1 << 20, **settings})
        log.append(new)
        for entry in new:
            other.append([entry])
        assert read_all(log) == new
        log.close()
        other.close()
        assert {name: world.content(name) for name in world.names()} == {
            name: one_by_one.content(name) for name in one_by_one.names()
        }


def test_the_first_entry_may_have_any_index(log):
    log.append(entries((4, 100), (4, 101)))
    assert read_all(log) == entries((4, 100), (4, 101))


def test_gaps_are_passed_over(log):
    log.append(entries((1, 0), (1, 1)))
    log.update_state(RaftLogState(last=(2, 5)))
    log.append(entries((2, 6), (3, 7)))
    assert list(log.read(0, 9)) == entries((1, 0), (1, 1), (2, 6), (3, 7))
    assert list(log.read(2, 7)) == entries((2, 6))


def test_the_state_is_replaced_whole(world, log):
    build_purged_sample(log)
    state = RaftLogState((1, 2), (3, 4), None, None, None)
    log.update_state(state)
    assert log.log_state() == state
    assert [log_id for log_id, _ in read_all(log)] == [(2, 4)]
    log.sync()
    again = world.open()
    assert again.log_state() == state
    assert [log_id for log_id, _ in read_all(again)] == [(2, 4)]


def test_truncation(log):
    log.append(entries((1, 0), (1, 1), (1, 2), (1, 3)))
    log.truncate(4)
    assert len(read_all(log)) == 4
    log.truncate(2)
    assert log.log_state().last == (1, 1)
    log.append(entries((2, 2)))
    assert read_all(log) == entries((1, 0), (1, 1), (2, 2))
    log.truncate(0)
    assert log.log_state().last is None
    log.append(entries((3, 7)))
    assert read_all(log) == entries((3, 7))


def test_truncation_right_after_what_was_purged(log):
    log.append(entries((1, 0), (1, 1), (1, 2)))
    log.purge((1, 1))
    log.truncate(2)
    assert log.log_state() == RaftLogState(last=(1, 1), purged=(1, 1))
    assert read_all(log) == []


def test_truncation_looks_for_the_entry_before_in_its_chunk(world):
    log = world.open(cache_max_items=0)
    build_sample(log)
    log.truncate(4)
    assert log.log_state().last == (2, 3)


def test_commits(log):
    log.append(entries((1, 0), (1, 1)))
    log.commit((1, 0))
    log.commit((1, 0))
    log.commit((1, 1))
    assert log.log_state().committed == (1, 1)


# What is refused changes nothing.


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda log: log.save_vote((2, 6)), VoteReversal),
        (lambda log: log.append(entries((1, 5))), LogIdReversal),
        (lambda log: log.append(entries((1, 6), (1, 8))), LogIdNonConsecutive),
        (lambda log: log.append(entries((1, 6), (1, 6))), LogIdReversal),
        (lambda log: log.truncate(7), LogIndexNotFound),
        (lambda log: log.truncate(3), TruncateCommitted),
        (lambda log: log.truncate(1), TruncateCommitted),
        (lambda log: log.commit((1, 2)), LogIdReversal),
        (lambda log: log.commit((1, 6)), CommitBeyondLast),
    ],
)
def test_a_refused_call_leaves_the_log_unchanged(world, log, call, error):
    log.save_vote((2, 7))
    log.append(entries((1, 0), (1, 1), (1, 2), (1, 3), (1, 4), (1, 5)))
    log.purge((1, 1))
    log.commit((1, 3))
    before = log.stat(), log.log_state(), read_all(log)
    with pytest.raises(error) as raised:
        call(log)
    assert isinstance(raised.value, RaftLogRefusal)
    assert (log.stat().open_chunk, log.log_state(), read_all(log)) == (before[0].open_chunk, *before[1:])
    log.sync()
    again = world.open()
    assert (again.log_state(), read_all(again)) == before[1:]


def test_an_entry_that_cannot_be_encoded_changes_nothing(log):
    with pytest.raises(AttributeError):
        log.append([((1, 0), "fine"), ((1, 1), 7)])
    assert log.stat().open_chunk.records == 1
    assert read_all(log) == []


def test_the_lax_mode_truncates_what_is_committed(world):
    log = world.open(truncates_committed=True)
    log.append(entries((1, 0), (1, 1), (1, 2)))
    log.commit((1, 2))
    log.truncate(1)
    assert log.log_state() == RaftLogState(last=(1, 0), committed=(1, 2))
    log.sync()
    assert world.open().log_state() == RaftLogState(last=(1, 0), committed=(1, 2)), "without the mode, too"


# Purging.


def test_a_purge_drops_entries(log):
    log.append(entries((1, 1), (1, 2), (1, 3)))
    log.purge((1, 1))
    assert log.log_state() == RaftLogState(last=(1, 3), purged=(1, 1))
    assert read_all(log) == entries((1, 2), (1, 3))


def test_a_purge_at_or_below_the_last_one_writes_nothing(log):
    log.append(entries((1, 1), (1, 2), (1, 3)))
    log.purge((1, 2))
    end = log.purge((1, 2)).end
    assert log.purge((1, 1)) == log.purge((9, 2)) == (end, end)
    assert log.log_state() == RaftLogState(last=(1, 3), purged=(1, 2))


def test_a_purge_may_go_beyond_the_last_entry(log):
    log.append(entries((1, 0), (1, 1)))
    log.purge((2, 4))
    assert log.log_state() == RaftLogState(last=(2, 4), purged=(2, 4))
    assert read_all(log) == []
    log.append(entries((2, 5)))
    assert read_all(log) == entries((2, 5))


def test_chunks_go_once_the_purge_is_durable(world, log):
    build_sample(log)
    log.purge((2, 3))
    assert len(world.names()) == 4
    log.flush(sync=False)
    log.flusher.turn()
    assert len(world.names()) == 4, "written is not durable"
    assert log.on_disk_size() == 314
    log.sync()
    assert world.names() == [chunk_name(324), chunk_name(509)]


def test_a_chunk_with_an_entry_above_the_purge_stays(world, log):
    build_sample(log)
    log.purge((2, 5))
    log.sync()
    assert world.names() == [chunk_name(324), chunk_name(509)]
    log.purge((2, 6))
    log.sync()
    assert world.names() == [chunk_name(509)]
    log.save_user_data("closes the chunk")
    log.purge((2, 7))
    log.sync()
    (name,) = world.names()
    assert name == chunk_name(log.stat().open_chunk.start), "the open chunk stays"


def test_the_chunk_that_the_purge_itself_closes_goes_when_the_next_one_has_the_state(world, log):
    log.append(entries((1, 0), (1, 1), (1, 2)))
    log.purge((1, 2))
    assert log.stat().open_chunk.start == 18 + 3 * 44 + 28
    log.sync()
    assert world.names() == [chunk_name(178)]
    assert log.stat().synced == log.stat().open_chunk.end
    assert world.open().log_state() == RaftLogState(last=(1, 2), purged=(1, 2))


def test_a_chunk_with_entries_that_a_strange_purge_spares_stays(log):
    log.append(entries((1, 0), (1, 1), (1, 2), (1, 3), (3, 4)))
    log.purge((2, 1))
    assert read_all(log) == entries((1, 2), (1, 3), (3, 4)), "no entry has the id (2, 1), but the index counts"
    log.sync()
    assert read_all(log) == entries((1, 2), (1, 3), (3, 4))
    assert len(log.stat().closed_chunks) == 1


# Rotation.


def test_a_chunk_is_closed_by_size(world):
    log = world.open(chunk_max_records=10_000, chunk_max_bytes=150)
    build_sample(log)
    assert [chunk.start for chunk in log.stat().closed_chunks] == [0, 161, 324]
    assert log.stat().open_chunk.start == 474
    assert world.names() == [chunk_name(start) for start in (0, 161, 324, 474)]


def test_a_chunk_begins_with_the_state_at_its_place(log):
    log.save_vote((1, 7))
    log.append(entries((1, 0), (1, 1)))
    log.save_user_data("mine")
    (closed,) = log.stat().closed_chunks
    assert closed.state == log.log_state() == RaftLogState((1, 7), (1, 1), None, None, "mine")
    assert log.stat().open_chunk.records == 1


# The cache.


def test_entries_of_closed_durable_chunks_go_from_memory_when_there_are_too_many(world):
    log = world.open(cache_max_items=3)
    build_purged_sample(log)
    assert [log_id for log_id, _ in log.read(4, 8)] == [(2, 4), (2, 5), (2, 6), (2, 7)]
    assert log.access_stat() == (3, 1)
    list(log.read(5, 8))
    assert log.access_stat() == (6, 1)
    log.append(entries((2, 8)))
    assert len(list(log.read(5, 9))) == 4
    assert log.access_stat() == (9, 2)


def test_entries_of_the_open_chunk_stay_in_memory(world):
    log = world.open(cache_capacity_bytes=0)
    build_purged_sample(log)
    log.append([((2, 8), "world")])
    assert [payload for _, payload in log.read(0, 99)] == ["world", "foo", "bar", "wow", "world"]
    assert log.access_stat() == (2, 3)


def test_entries_that_are_not_durable_stay_in_memory(world):
    log = world.open(cache_capacity_bytes=0)
    for index in range(20):
        log.append([((1, index), "payload")])
    assert log.stat().cache_items == 20
    log.flush()
    log.flusher.turn()
    assert log.stat().cache_items == 0, "the twentieth entry closed its chunk"
    assert len(read_all(log)) == 20


# Durability.


def flushed(log, **arguments):
    """Flushes with a turn of the worker; returns what was told."""
    told = []
    log.flush(callback=told.append, **arguments)
    assert told == []
    log.flusher.turn()
    return told


def test_a_flush_makes_everything_durable(log):
    log.append(entries((1, 0)))
    assert log.stat().synced == 0
    assert flushed(log) == [None]
    assert log.stat().synced == log.stat().open_chunk.end
    assert log.stat().unwritten_bytes == 0


def test_a_flush_may_only_write(log):
    log.append(entries((1, 0)))
    assert flushed(log, sync=False) == [None]
    assert (log.stat().synced, log.stat().syncs, log.stat().unwritten_bytes) == (0, 0, 0)


def test_a_commit_never_costs_a_sync_of_its_own(world):
    log = world.open(chunk_max_records=100)
    log.append(entries((1, 0), (1, 1)))
    assert flushed(log) == [None]
    log.commit((1, 0))
    assert flushed(log) == [None]
    log.sync()
    assert log.stat().syncs == 1
    assert log.stat().synced < log.stat().open_chunk.end
    log.save_vote((1, 1))
    log.sync()
    assert log.stat().syncs == 2
    assert log.stat().synced == log.stat().open_chunk.end


def test_what_waits_to_be_written_is_bounded(world):
    log = world.open(unwritten_max_bytes=100, chunk_max_records=1000)
    for index in range(50):
        log.append([((1, index), "payload")])
        assert log.stat().unwritten_bytes <= 100
    assert log.stat().syncs == 0


def test_a_failure_is_sticky_for_ever():
    world = World(disk=SimDisk())
    log = world.open()
    log.append(entries((1, 0)))
    world.disk.faults.fail(Fault(Operation.DATASYNC))
    ((error),) = flushed(log)
    assert isinstance(error, StorageFailed)
    assert log.failure is error
    for call in (
        lambda: log.append(entries((1, 1))),
        lambda: log.save_vote((1, 1)),
        lambda: log.purge((1, 0)),
        log.flush,
        log.sync,
        log.dump,
        log.close,
    ):
        with pytest.raises(StorageFailed) as raised:
            call()
        assert raised.value is error
    assert world.open().failure is None


def test_a_failed_log_is_still_read():
    world = World(disk=SimDisk())
    log = world.open()
    log.append(entries((1, 0)))
    world.disk.faults.fail(Fault(Operation.WRITE))
    flushed(log)
    assert read_all(log) == entries((1, 0))
    assert log.log_state().last == (1, 0)


# One owner.


def test_a_directory_has_one_owner(world, log):
    with pytest.raises(DirectoryLocked):
        RaftLog.open(PATH, PLAIN, disk=world.disk)
    log.close()
    RaftLog.open(PATH, PLAIN, disk=world.disk).close()


def test_the_lock_is_held_against_other_processes(tmp_path):
    log = RaftLog.open(str(tmp_path), PLAIN)
    with pytest.raises(DirectoryLocked):
        LocalDisk().lock(str(tmp_path))
    log.close()
    LocalDisk().lock(str(tmp_path)).release()


def test_closing_writes_everything_and_takes_no_more_calls(world, log):
    log.append(entries((1, 0)))
    log.commit((1, 0))
    log.close()
    log.close()
    for call in (
        lambda: log.append(entries((1, 1))),
        log.flush,
        log.sync,
        lambda: log.read(0, 1),
        lambda: log.log_id(0),
        log.dump,
    ):
        with pytest.raises(LogClosed):
            call()
    again = world.open()
    assert again.log_state() == RaftLogState(last=(1, 0), committed=(1, 0))


def test_the_size_on_the_disk(log):
    build_sample(log)
    assert log.on_disk_size() == 610
    log.purge((2, 3))
    assert log.on_disk_size() == 638 - 324


def test_settings_are_checked():
    with pytest.raises(Exception, match="chunk_max_bytes"):
        RaftLogConfig(chunk_max_bytes=0)
