"""Which bytes go to which file, in which order."""

from __future__ import annotations

import pytest

from cordwood.model.errors import StorageFailed
from cordwood.raftlog.chunk import Chunk, chunk_name
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.records import RaftLogState
from cordwood.raftlog.wal import Wal
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Fault, Operation

PATH = "/sim/raft"
STATE = RaftLogState()


class Watched:
    """A wal on a simulated disk, and what it does there."""

    def __init__(self, **settings):
        self.disk = SimDisk()
        self.disk.make_directory(PATH)
        self.steps = []
        self.boundaries = []
        self.disk.faults.watch = self.note
        config = RaftLogConfig(**settings)
        self.wal = Wal(self.disk, PATH, config, [Chunk(PATH, 0)], self.boundaries.append)
        self.wal.put(b"head", lazily=True)

    def note(self, step):
        if not step.in_the_middle:
            self.steps.append((str(step.operation), step.path.removeprefix(PATH).strip("/")))

    def done(self):
        """What was done since the last look."""
        steps, self.steps = self.steps, []
        return steps

    def content(self, start):
        file = self.disk.open(f"{PATH}/{chunk_name(start)}")
        return file.read(1000, 0)


@pytest.fixture
def watched():
    return Watched()


def test_nothing_is_written_until_it_is_asked_for(watched):
    assert watched.wal.put(b"one") == 4
    assert watched.wal.put(b"two") == 7
    assert watched.done() == []
    assert watched.wal.unwritten_bytes == 10
    assert (watched.wal.end, watched.wal.synced) == (10, 0)


def test_what_was_put_is_written_at_once_and_synced_at_once(watched):
    watched.wal.put(b"one")
    watched.wal.put(b"two")
    watched.wal.write()
    name = chunk_name(0)
    assert watched.done() == [("create", name), ("fsync", ""), ("write", name)]
    assert watched.content(0) == b"headonetwo"
    assert (watched.wal.unwritten_bytes, watched.wal.synced) == (0, 0)
    watched.wal.sync()
    assert watched.done() == [("datasync", name)]
    assert watched.wal.synced == 10
    watched.wal.put(b"three")
    watched.wal.write()
    assert watched.content(0) == b"headonetwothree"
    assert watched.done() == [("write", name)]


def test_a_chunk_is_durable_before_the_next_one_is_made(watched):
    watched.wal.put(b"one")
    watched.wal.rotate(STATE, b"state")
    watched.wal.put(b"two")
    watched.wal.write()
    first, second = chunk_name(0), chunk_name(7)
    assert watched.done() == [
        ("create", first),
        ("fsync", ""),
        ("write", first),
        ("datasync", first),
        ("create", second),
        ("fsync", ""),
        ("write", second),
    ]
    assert watched.content(7) == b"statetwo"
    assert watched.wal.synced == 7
    assert watched.boundaries == [7]
    assert watched.wal.chunks[0].closing_state is STATE
    assert [chunk.start for chunk in watched.wal.chunks] == [0, 7]


def test_a_durable_chunk_is_not_synced_again_for_the_next_one(watched):
    watched.wal.put(b"one")
    watched.wal.write()
    watched.wal.sync()
    watched.done()
    watched.wal.rotate(STATE, b"state")
    watched.wal.write()
    assert [operation for operation, _ in watched.done()] == ["create", "fsync", "write"]


def test_a_chunk_is_full_by_records_or_by_bytes():
    for settings in ({"chunk_max_records": 3}, {"chunk_max_bytes": 10}):
        wal = Watched(**settings).wal
        wal.put(b"one")
        assert not wal.is_full
        wal.put(b"two")
        assert wal.is_full
        wal.rotate(STATE, b"state")
        assert not wal.is_full
        assert (wal.open_chunk.records, wal.open_chunk.start, wal.open_chunk.end) == (1, 10, 15)


def test_so_many_are_put_as_go_into_the_chunk():
    records = [b"one", b"two", b"three", b"four"]
    sizes = [3, 3, 5, 4]
    for settings, positions in (
        ({}, [4, 7, 10, 15]),
        ({"chunk_max_records": 3}, [4, 7]),
        ({"chunk_max_records": 2}, [4]),
        ({"chunk_max_bytes": 8}, [4, 7]),
        ({"chunk_max_bytes": 7}, [4]),
        ({"chunk_max_bytes": 1}, [4]),
    ):
        watched = Watched(**settings)
        wal = watched.wal
        assert wal.put_some(records, sizes) == positions
        end = positions[-1] + sizes[len(positions) - 1]
        assert wal.is_full is (settings != {})
        assert (wal.end, wal.must_sync, wal.open_chunk.end, wal.unwritten_bytes) == (end, end, end, end)
        assert wal.open_chunk.records == 1 + len(positions)
        wal.write()
        assert watched.content(0) == b"head" + b"".join(records[: len(positions)])


def test_lazy_records_have_to_be_durable_for_nobody(watched):
    wal = watched.wal
    assert wal.must_sync == 0
    wal.put(b"one")
    wal.put(b"lazy", lazily=True)
    assert wal.must_sync == 7
    wal.rotate(STATE, b"state")
    assert wal.must_sync == 7


def test_a_retired_chunk_goes_when_all_that_was_put_is_durable(watched):
    wal = watched.wal
    wal.rotate(STATE, b"state")
    wal.put(b"purge")
    wal.retire(wal.chunks[:1])
    assert [chunk.start for chunk in wal.chunks] == [4]
    assert wal.remove_retired() == 0
    wal.write()
    assert wal.remove_retired() == 0
    assert wal.synced == 4
    wal.sync()
    watched.done()
    assert wal.remove_retired() == 1
    assert watched.done() == [("unlink", chunk_name(0)), ("fsync", "")]
    assert wal.remove_retired() == 0


def test_a_failed_sync_is_remembered_beside_the_files(watched):
    watched.wal.put(b"one")
    watched.wal.write()
    watched.disk.faults.fail(Fault(Operation.DATASYNC))
    with pytest.raises(StorageFailed):
        watched.wal.sync()
    assert watched.disk.exists(f"{PATH}/sync-failed")
    assert watched.wal.synced == 0


def test_where_no_file_can_be_made_the_failure_itself_is_told(watched):
    watched.wal.put(b"one")
    watched.wal.write()
    watched.disk.faults.fail(Fault(Operation.DATASYNC))
    watched.disk.faults.fail(Fault(Operation.CREATE))
    with pytest.raises(StorageFailed, match="fdatasync"):
        watched.wal.sync()
    assert not watched.disk.exists(f"{PATH}/sync-failed")


def test_closed_files_are_read_no_more(watched):
    watched.wal.write()
    watched.wal.rotate(STATE, b"state")
    watched.wal.close()
    with pytest.raises(StorageFailed):
        watched.wal.chunks[0].opened.read(4, 0)
