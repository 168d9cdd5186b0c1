"""Producing beyond the matrix: topics that appear by themselves, many topics, many producers, records too large."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from tests.clients.conftest import need
from tests.clients.harness.clients import CLIENTS, every_client, named
from tests.clients.harness.records import armour

TOPICS = 100
EACH = 200
PARTITIONS = 3


def line(n, topic, partition=0, value=b"x", **more):
    return {"n": n, "topic": topic, "partition": partition, "key": None, "value": armour(value), **more}


@every_client
def test_a_topic_appears_when_it_is_produced_to(broker, client, topic):
    need(client)
    answers = client.run("produce", broker.bootstrap, [line(0, topic, value=client.name.encode())])
    assert answers == [{"n": 0, "topic": topic, "partition": 0, "offset": 0}]


@every_client
def test_a_record_too_large_is_refused_and_the_next_is_not(broker, client, topic, create):
    need(client)
    create(topic, **{"max.message.bytes": "1000"})
    lines = [line(n, topic, value=bytes(size)) for n, size in enumerate((10, 5000, 10))]
    if client.streams:
        with client.session("produce", broker.bootstrap) as producer:
            first, large, last = (producer.ask(request) for request in lines)
    else:
        # Each in a run of its own, as this client sends in one batch what it is given at once.
        first, large, last = (client.run("produce", broker.bootstrap, [request])[0] for request in lines)
    assert first["offset"] == 0
    assert "error" in large, large
    assert last["offset"] == 1


def test_many_topics(broker, topic):
    topics = [f"{topic}-{n}" for n in range(TOPICS)]
    confluent = named("confluent-kafka")
    need(confluent)
    answers = confluent.run("produce", broker.bootstrap, [line(n, name) for n, name in enumerate(topics)])
    assert sorted(answer["topic"] for answer in answers) == sorted(topics)
    wanted = [{"topic": name, "partition": 0, "offset": 0, "count": 1} for name in topics]
    records = confluent.run("consume", broker.bootstrap, wanted)
    assert sorted(record["topic"] for record in records) == sorted(topics)


def test_producers_at_the_same_time(broker, topic, create):
    """Each record has one place, each place one record, and each producer's records keep their order."""
    create(topic, PARTITIONS)
    producers = [client for client in CLIENTS if client.absence() is None]

    def produce(producer):
        lines = [
            line(n, topic, n % PARTITIONS, value=f"{producer.name} {n}".encode(), idempotent=True) for n in range(EACH)
        ]
        return producer.run("produce", broker.bootstrap, lines)

    with ThreadPoolExecutor(3) as pool:
        told = dict(zip(producers, pool.map(produce, producers), strict=True))
    sent = {
        (answer["partition"], answer["offset"]): f"{producer.name} {answer['n']}"
        for producer, answers in told.items()
        for answer in answers
    }
    assert len(sent) == EACH * len(producers)

    ends = {partition: sum(place[0] == partition for place in sent) for partition in range(PARTITIONS)}
    wanted = [{"topic": topic, "partition": number, "offset": 0, "count": end} for number, end in ends.items()]
    read = CLIENTS[0].run("consume", broker.bootstrap, wanted)
    assert {(record["partition"], record["offset"]): record["value"] for record in read} == {
        place: armour(value.encode()) for place, value in sent.items()
    }
    numbers = defaultdict(list)
    for (partition, _), value in sorted(sent.items()):
        name, n = value.rsplit(" ", 1)
        numbers[name, partition].append(int(n))
    assert all(run == sorted(run) for run in numbers.values())
