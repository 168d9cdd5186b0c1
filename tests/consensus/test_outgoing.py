"""A leader's shipments: the next piece when the last is answered, again when it is not, and an end to patience."""

from __future__ import annotations

from cordwood.consensus.outgoing import Outgoing
from cordwood.consensus.snapshots import SnapshotFiles
from cordwood.consensus.wire import SnapshotChunkReply
from cordwood.raft import Snapshot
from cordwood.sim.disk import SimDisk
from tests.consensus.kit import THREE, Later
from tests.consensus.world import config_of

SNAPSHOT = Snapshot(40, 6, THREE)


class Leader:
    """Node 1, which ships to node 2."""

    def __init__(self) -> None:
        self.later, self.sent, self.ended = Later(), [], []
        files = SnapshotFiles(SimDisk(), "/snapshots")
        self.size = files.write(SNAPSHOT, [bytes(250)])
        self.outgoing = Outgoing(
            1, files, config_of(1), self.later, self.sent.append, lambda to, arrived: self.ended.append((to, arrived))
        )
        self.outgoing.begin(2, SNAPSHOT, 7)
        self.later.run()

    def reply(self, position: int, *, done: bool = False, index: int = 40) -> None:
        self.outgoing.on_reply(SnapshotChunkReply(2, 1, 7, index, 6, position, done=done))
        self.later.run()


def test_the_pieces_make_the_file():
    leader = Leader()
    while len(leader.sent[-1].data) == 100:
        chunk = leader.sent[-1]
        leader.reply(chunk.position + len(chunk.data))
    assert sum(len(chunk.data) for chunk in leader.sent) == leader.size
    assert {chunk.size for chunk in leader.sent} == {leader.size}
    leader.reply(leader.size, done=True)
    assert leader.ended == [(2, True)]
    assert not len(leader.outgoing)


def test_a_receiver_says_where_to_go_on():
    leader = Leader()
    leader.reply(200)
    leader.reply(0)
    assert [chunk.position for chunk in leader.sent] == [0, 200, 0]
    leader.reply(leader.size + 1)
    leader.reply(-1)
    leader.reply(100, index=41)
    assert len(leader.sent) == 3


def test_what_has_no_answer_is_sent_again_and_then_given_up():
    leader = Leader()
    for tick in range(1, 60):
        leader.outgoing.tick(tick)
    assert leader.outgoing.resent == len(leader.sent) - 1 == 11
    assert not leader.ended
    leader.outgoing.tick(60)
    assert leader.ended == [(2, False)]
    leader.reply(100)
    assert len(leader.sent) == 12


def test_progress_renews_patience():
    leader = Leader()
    leader.outgoing.tick(50)
    leader.reply(100)
    leader.outgoing.tick(100)
    assert not leader.ended


def test_a_new_shipment_takes_the_place_of_the_old_one():
    leader = Leader()
    leader.reply(100)
    leader.outgoing.begin(2, SNAPSHOT, 8)
    leader.outgoing.begin(2, SNAPSHOT, 9)
    leader.later.run()
    assert [chunk.term for chunk in leader.sent] == [7, 7, 9]
    leader.outgoing.end_all()
    assert leader.ended == [(2, False)]
