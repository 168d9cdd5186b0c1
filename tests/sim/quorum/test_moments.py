"""Moments that faults wait for."""

from __future__ import annotations


def test_the_next_leader_is_seen_in_the_step_in_which_it_leads(group):
    moments, loop = group.field.moments, group.world.loop
    old = group.field.leader()
    task = loop.create_task(moments.leader_after(old.driver.term, 20.0))
    group.pass_time(0.01)
    old.machine.kill()
    sight = loop.run_until_complete(task)
    assert sight.node != old.id
    assert sight.term > 1
    assert loop.now_us - 10 <= group.world.trace.story[-1].at_us <= loop.now_us


def test_what_does_not_come_is_waited_for_so_long(group):
    loop = group.world.loop
    before = loop.time()
    assert loop.run_until_complete(group.field.moments.leader_after(99, 2.0)) is None
    assert 2.0 <= loop.time() - before < 2.1
    group.propose(group.members[2])
    assert loop.run_until_complete(group.field.moments.when(lambda sight: sight.node == 2, 9.0)) is not None
