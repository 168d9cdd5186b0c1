"""A reader finds everything, once, and goes on where it stopped."""

from __future__ import annotations

from cordwood.sim.clients.producer import Producer
from cordwood.sim.clients.reader import Reader
from tests.sim.clients.conftest import PLACE


def produce(bench):
    producer = Producer(bench.connection(), PLACE, bench.notes)
    task = bench.start(producer)
    bench.pass_time(3)
    bench.finish(producer, task)


def test_an_empty_partition_has_nothing(bench):
    assert bench.run(Reader(bench.connection(), PLACE, bench.notes).read_all()) == []


def test_everything_is_read(bench):
    produce(bench)
    found = bench.run(Reader(bench.connection(), PLACE, bench.notes).read_all())
    assert [(batch.key, batch.values) for batch in found] == [
        (batch.key, batch.values) for batch in bench.notes.sent[PLACE]
    ]


def test_it_goes_on_after_a_death_of_the_broker(bench):
    reader = Reader(bench.connection(), PLACE, bench.notes)
    task = bench.start(reader)
    produce(bench)
    bench.machine.kill()
    bench.machine.start()
    produce(bench)
    bench.pass_time(3)
    bench.finish(reader, task)
    offsets = [batch.header.base_offset for batch in reader.found]
    assert offsets == sorted(set(offsets))
    assert len(reader.found) == len(bench.notes.sent[PLACE])


def test_a_refusal_is_noted(bench):
    reader = Reader(bench.connection(), PLACE, bench.notes)
    reader._offset = 1_000
    bench.world.loop.run_until_complete(bench.start(reader))
    assert bench.notes.refused == ["client: FetchRequest was refused: OFFSET_OUT_OF_RANGE"]
