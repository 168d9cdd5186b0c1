"""A producer sends again what was not acknowledged, in its order."""

from __future__ import annotations

from cordwood.sim.clients.producer import Producer
from cordwood.wire.messages.produce import PartitionProduceResponse
from tests.sim.clients.conftest import PLACE


def test_everything_is_acknowledged_when_it_finishes(bench):
    producer = Producer(bench.connection(), PLACE, bench.notes)
    task = bench.start(producer)
    bench.pass_time(5)
    bench.finish(producer, task)
    acknowledged = bench.notes.acknowledged[PLACE]
    assert [one.sent for one in acknowledged] == bench.notes.sent[PLACE]
    assert [one.offset for one in acknowledged] == [one.sent.base_sequence for one in acknowledged]
    assert len(acknowledged) > 20


def test_a_death_of_the_broker_makes_it_send_again(bench):
    producer = Producer(bench.connection(), PLACE, bench.notes)
    task = bench.start(producer)
    bench.pass_time(2)
    bench.machine.cut_power()
    bench.pass_time(1)
    bench.machine.start()
    bench.finish(producer, task)
    assert [one.sent for one in bench.notes.acknowledged[PLACE]] == bench.notes.sent[PLACE]
    assert bench.world.trace.counts["retry"]
    assert not bench.notes.refused


def test_a_refusal_is_noted_and_the_end(bench, monkeypatch):
    producer = Producer(bench.connection(), PLACE, bench.notes)
    judge = producer._judge
    monkeypatch.setattr(producer, "_judge", lambda _: judge(PartitionProduceResponse(0, 45)))
    bench.world.loop.run_until_complete(bench.start(producer))
    assert bench.notes.refused == ["client: the batch (0, 0, 0) was refused: OUT_OF_ORDER_SEQUENCE_NUMBER"]
