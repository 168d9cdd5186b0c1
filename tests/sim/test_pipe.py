"""The bytes of one direction: in order, in pieces, in a window, sent again when lost."""

from __future__ import annotations

import pytest

from cordwood.sim.network import Conditions
from cordwood.sim.pipe import Pipe
from tests.sim.conftest import Rig


class Post:
    """An end that notes what it is told."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.is_open = True
        self.sizes: list[int] = []
        self.error: OSError | None = None
        self.pipe: Pipe | None = None
        self.process = type("Alive", (), {"alive": True})

    def arrived(self) -> None:
        self.sizes.append(len(self.pipe.arrivals))

    def drained(self) -> None:
        pass

    def broken(self, error: OSError) -> None:
        self.error = error


def joined(rig: Rig) -> tuple[Pipe, Post, Post]:
    near, far = Post("a"), Post("b")
    pipe = far.pipe = Pipe(rig.network, near, far)
    return pipe, near, far


def test_bytes_arrive_in_order_and_in_pieces(rig):
    pipe, _, far = joined(rig)
    data = bytes(range(250)) * 400
    pipe.write(data)
    pipe.end()
    assert not pipe.arrivals
    rig.pass_time(5)
    assert bytes(pipe.arrivals) == data
    assert pipe.end_arrived
    assert len(far.sizes) > 5


def test_no_more_than_a_window_is_under_way(rig):
    pipe, _, _ = joined(rig)
    pipe.write(bytes(300_000))
    assert len(pipe.waiting) == 300_000 - Conditions().window_bytes
    rig.pass_time(5)
    assert len(pipe.arrivals) == Conditions().window_bytes
    pipe.arrivals.clear()
    pipe.taken()
    assert len(pipe.waiting) == 300_000 - 2 * Conditions().window_bytes


@pytest.mark.parametrize("seed", range(3))
def test_what_is_lost_is_sent_again(seed):
    rig = Rig(seed, Conditions(loss_per_mille=400))
    pipe, near, _ = joined(rig)
    pipe.write(bytes(range(200)) * 300)
    rig.pass_time(200)
    assert bytes(pipe.arrivals) == bytes(range(200)) * 300
    assert near.error is None


def test_the_sender_gives_up_in_the_end(rig):
    pipe, near, _ = joined(rig)
    rig.network.isolate("b")
    pipe.write(b"x")
    rig.pass_time(19)
    assert near.error is None
    rig.pass_time(20)
    assert isinstance(near.error, TimeoutError)


def test_a_closed_receiver_resets(rig):
    pipe, near, far = joined(rig)
    far.is_open = False
    pipe.write(b"x")
    rig.pass_time(1)
    assert isinstance(near.error, ConnectionResetError)


def test_the_end_alone_is_not_worth_a_reset(rig):
    pipe, near, far = joined(rig)
    far.is_open = False
    pipe.end()
    rig.pass_time(1)
    assert near.error is None


def test_nothing_arrives_from_a_pipe_that_was_cut(rig):
    pipe, _, far = joined(rig)
    pipe.write(b"x")
    pipe.cut()
    pipe.write(b"y")
    rig.pass_time(1)
    assert not far.sizes
