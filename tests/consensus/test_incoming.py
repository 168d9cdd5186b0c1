"""A follower's side: pieces in their order, checked as a whole, and from the beginning when they are damaged."""

from __future__ import annotations

from cordwood.consensus.incoming import Incoming
from cordwood.consensus.snapshots import SnapshotFiles
from cordwood.consensus.wire import SnapshotChunk
from cordwood.raft import Position, Snapshot
from cordwood.sim.disk import SimDisk
from tests.consensus.kit import THREE, Later

SNAPSHOT = Snapshot(40, 6, THREE)
PIECE = 100


class Follower:
    """Node 2, to which nodes 1 and 3 ship."""

    def __init__(self, max_bytes: int = 10_000) -> None:
        self.later, self.sent, self.arrived = Later(), [], []
        source = SnapshotFiles(SimDisk(), "/snapshots")
        source.write(SNAPSHOT, [bytes(250)])
        file = source.open(Position(6, 40))
        self.data = file.read(file.size(), 0)
        self.files = SnapshotFiles(SimDisk(), "/snapshots")
        self.incoming = Incoming(
            self.files,
            max_bytes,
            self.later,
            self.sent.append,
            lambda chunk, snapshot: self.arrived.append((chunk.sender, snapshot)),
        )

    def take(self, position: int, *, sender: int = 1, wanted: bool = True, data: bytes | None = None) -> None:
        data = self.data[position : position + PIECE] if data is None else data
        chunk = SnapshotChunk(sender, 2, 7, 40, 6, len(self.data), position, data)
        self.incoming.on_chunk(chunk, wanted=wanted)

    def take_all(self) -> None:
        for position in range(0, len(self.data), PIECE):
            self.take(position)
            self.later.run()


def test_pieces_become_a_snapshot():
    follower = Follower()
    follower.take_all()
    assert follower.arrived == [(1, SNAPSHOT)]
    assert follower.files.newest() == SNAPSHOT
    assert [reply.position for reply in follower.sent] == [100, 200, 300, len(follower.data)]
    assert follower.sent[-1].done
    follower.take(300)
    assert follower.sent[-1].done
    assert len(follower.arrived) == 1


def test_a_piece_out_of_turn_is_told_which_one_is_wanted():
    follower = Follower()
    follower.take(200)
    follower.take(0)
    follower.take(0)  # While the first one is written.
    follower.later.run()
    follower.take(0)
    assert [reply.position for reply in follower.sent] == [0, 100, 100]


def test_a_damaged_one_begins_again():
    follower = Follower()
    right, follower.data = follower.data, follower.data[:60] + b"x" + follower.data[61:]
    follower.take_all()
    assert follower.sent[-1].position == 0
    assert not follower.arrived
    assert follower.incoming.restarted == 1
    follower.data = right
    follower.take_all()
    assert follower.arrived == [(1, SNAPSHOT)]


def test_another_leader_begins_anew():
    follower = Follower()
    follower.take(0)
    follower.later.run()
    follower.take(100, sender=3)
    follower.take(0, sender=3)
    follower.later.run()
    assert [reply.position for reply in follower.sent] == [100, 0, 100]
    assert [reply.to for reply in follower.sent] == [1, 3, 3]


def test_what_is_not_wanted_is_done():
    follower = Follower()
    follower.take(0, wanted=False)
    assert follower.sent[-1].done
    assert not follower.files._disk.list("/snapshots")


def test_nonsense_and_what_is_too_large_are_refused():
    follower = Follower(max_bytes=200)
    follower.take(0)
    assert follower.incoming.refused == 1
    follower = Follower()
    follower.take(0, data=b"")
    follower.take(-1)
    follower.take(0, data=bytes(5000))
    assert follower.incoming.refused == 3
    assert not follower.sent


def test_what_was_not_finished_goes():
    follower = Follower()
    follower.take(0)
    follower.later.run()
    follower.incoming.give_up()
    assert not follower.files._disk.list("/snapshots")
    follower.take(0)
    follower.later.run()
    follower.incoming.close()
    assert len(follower.files._disk.list("/snapshots")) == 1
    assert SnapshotFiles(follower.files._disk, "/snapshots").newest() is None
    assert not follower.files._disk.list("/snapshots")
