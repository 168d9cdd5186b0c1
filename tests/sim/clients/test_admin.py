"""The admin client: what it asks, and what it notes of the answers."""

from __future__ import annotations

import pytest

from cordwood.sim.clients.admin import Admin
from cordwood.sim.clients.connection import Unanswered
from cordwood.sim.quorum.history import NEVER, History, Kind, Told
from cordwood.sim.quorum.linearizable import PLAIN, contradictions


@pytest.fixture
def history():
    return History()


@pytest.fixture
def admin(bench, history):
    return Admin(3, [bench.connection()], ["t1", "t2"], history, bench.world.loop)


def ask(bench, admin, kind, topic="t1"):
    operation = bench.run(admin.ask(kind, topic))
    return operation.told, operation.value


def test_a_topic_is_created_set_and_deleted(bench, admin, history):
    assert ask(bench, admin, Kind.DELETE) == (Told.REFUSED, None)
    assert ask(bench, admin, Kind.SET) == (Told.REFUSED, "3000002")
    assert ask(bench, admin, Kind.CHECK) == (Told.DONE, None)
    assert ask(bench, admin, Kind.CREATE) == (Told.DONE, None)
    assert ask(bench, admin, Kind.CHECK) == (Told.REFUSED, None)
    connection = admin.connections[0]
    assert bench.run(admin.look("t1", connection)).value == PLAIN
    assert ask(bench, admin, Kind.SET) == (Told.DONE, "3000006")
    assert bench.run(admin.look("t1", connection)).value == "3000006"
    assert ask(bench, admin, Kind.DELETE) == (Told.DONE, None)
    assert bench.run(admin.look("t1", connection)).value is None
    assert all(one.asked_us < one.answered_us < NEVER for one in history.operations)
    assert not list(contradictions(history))


def test_what_has_no_answer_stays_open(bench, admin, history):
    bench.machine.kill()
    assert ask(bench, admin, Kind.CREATE) == (Told.UNKNOWN, None)
    assert history.operations[0].answered_us == NEVER
    with pytest.raises(Unanswered):
        bench.run(admin.look("t1", admin.connections[0]))
    assert not admin.unexpected


def test_what_no_client_can_use_is_noted(bench, admin):
    bench.run(admin.ask(Kind.CREATE, "no name for a topic"))
    assert "INVALID_TOPIC_EXCEPTION" in admin.unexpected[0]


def test_it_works_until_it_is_told_to_finish(bench, admin, history):
    task = bench.start(admin)
    bench.pass_time(10)
    bench.finish(admin, task)
    assert len(history.operations) > 20
    assert {one.told for one in history.operations} == {Told.DONE, Told.REFUSED}
    assert not admin.unexpected
    assert not list(contradictions(history))
