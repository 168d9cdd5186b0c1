"""A committer's offsets grow, and it looks at them every now and then."""

from __future__ import annotations

from cordwood.sim.clients.committer import Committer
from cordwood.sim.clients.connection import Refused


def test_it_sees_what_it_committed(bench):
    committer = Committer(bench.connection(), "g", "orders", bench.notes)
    task = bench.start(committer)
    bench.pass_time(10)
    bench.finish(committer, task)
    looks = bench.notes.committed
    assert len(looks) > 5
    assert all(look.acknowledged == look.asked == look.seen for look in looks)
    assert looks[-1].seen > 20
    assert not bench.notes.refused


def test_it_goes_on_after_a_death_of_the_broker(bench):
    committer = Committer(bench.connection(), "g", "orders", bench.notes)
    task = bench.start(committer)
    bench.pass_time(3)
    bench.machine.kill()
    bench.machine.start()
    bench.finish(committer, task)
    assert bench.notes.committed[-1].seen == bench.notes.committed[-1].asked


def test_a_refusal_is_noted(bench, monkeypatch):
    connection = bench.connection()

    async def refuse(*_):
        raise Refused(25, "a commit")

    monkeypatch.setattr(connection, "ask_until", refuse)
    bench.world.loop.run_until_complete(bench.start(Committer(connection, "g", "orders", bench.notes)))
    assert bench.notes.refused == ["client: a commit was refused: UNKNOWN_MEMBER_ID"]
