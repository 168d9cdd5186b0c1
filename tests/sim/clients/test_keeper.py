"""A keeper's numbers grow, and it looks at its registers every now and then."""

from __future__ import annotations

from cordwood.sim.clients.connection import Refused
from cordwood.sim.clients.keeper import Keeper
from cordwood.sim.clients.registers import ClientQuota, GroupOffset

GROUP, QUOTA = GroupOffset("g", "orders"), ClientQuota("c")


def test_it_sees_what_it_wrote(bench):
    keeper = Keeper(bench.connection(), [GROUP, QUOTA], bench.notes)
    task = bench.start(keeper)
    bench.pass_time(10)
    bench.finish(keeper, task)
    looks = bench.notes.kept
    assert len(looks) > 5
    assert all(look.acknowledged == look.asked == look.seen for look in looks)
    assert [look.register for look in looks[-2:]] == [GROUP.name, QUOTA.name]
    assert min(look.seen for look in looks[-2:]) > 10
    assert not bench.notes.refused


def test_what_was_not_written_is_not_looked_at(bench):
    keeper = Keeper(bench.connection(), [GROUP], bench.notes)
    bench.run(keeper.look())
    assert not bench.notes.kept


def test_it_goes_on_after_a_death_of_the_broker(bench):
    keeper = Keeper(bench.connection(), [GROUP], bench.notes)
    task = bench.start(keeper)
    bench.pass_time(3)
    bench.machine.kill()
    bench.machine.start()
    bench.finish(keeper, task)
    assert bench.notes.kept[-1].seen == bench.notes.kept[-1].asked


def test_a_refusal_is_noted(bench, monkeypatch):
    connection = bench.connection()

    async def refuse(*_):
        raise Refused(25, "a commit")

    monkeypatch.setattr(connection, "ask_until", refuse)
    bench.world.loop.run_until_complete(bench.start(Keeper(connection, [GROUP], bench.notes)))
    assert bench.notes.refused == ["client: a commit was refused: UNKNOWN_MEMBER_ID"]
