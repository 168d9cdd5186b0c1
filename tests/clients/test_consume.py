"""Consuming beyond the matrix: waiting at the end, beginning inside a batch, outside of the log."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.clients.conftest import need
from tests.clients.harness.clients import CLIENTS, every_client
from tests.clients.harness.records import armour, bare
from tests.clients.harness.session import DriverFailed

# Were the consumer not woken by the produce, it would hear of it only after this time...
MAX_WAIT_MS = 20_000
# ...and the test would have failed by then.
WOKEN_WITHIN_S = 10.0
BATCH = 20
STARTS = (0, 1, BATCH // 2, BATCH - 1)


def line(n, topic, value=b"x", partition=0):
    return {"n": n, "topic": topic, "partition": partition, "key": None, "value": armour(value)}


@pytest.fixture(scope="module")
def producer(broker):
    """A producer that stays open."""
    with CLIENTS[0].session("produce", broker.bootstrap) as session:
        yield session


@pytest.fixture(scope="module")
def batches(broker, create):
    """A topic of which each partition holds one batch."""
    create("batches", len(STARTS))
    lines = [line(n, "batches", b"%d" % n, partition) for partition in range(len(STARTS)) for n in range(BATCH)]
    CLIENTS[0].run("produce", broker.bootstrap, lines)
    return "batches"


@every_client
def test_who_waits_at_the_end_is_woken(broker, client, topic, create, producer):
    need(client)
    create(topic)
    producer.ask(line(0, topic))
    with client.session("consume", broker.bootstrap, "--max-wait-ms", str(MAX_WAIT_MS)) as consumer:
        consumer.tell({"topic": topic, "partition": 0, "offset": 0, "count": 3})
        consumer.end_input()
        for offset in range(3):
            assert consumer.next(WOKEN_WITHIN_S)["offset"] == offset
            if offset < 2:
                producer.ask(line(0, topic))
        consumer.abandon()


@every_client
def test_who_waits_for_an_empty_partition_is_woken(broker, client, topic, create, producer):
    need(client)
    create(topic)
    with client.session("consume", broker.bootstrap, "--max-wait-ms", str(MAX_WAIT_MS)) as consumer:
        consumer.tell({"topic": topic, "partition": 0, "offset": 0, "count": 1})
        consumer.end_input()
        producer.ask(line(0, topic))
        assert consumer.next(WOKEN_WITHIN_S)["offset"] == 0
        consumer.abandon()


@every_client
@pytest.mark.parametrize("isolation", ["read_uncommitted", "read_committed"])
def test_reading_may_begin_inside_a_batch(broker, client, batches, isolation):
    """Where no transaction is, all that is there is committed."""
    need(client)
    wanted = [
        {"topic": batches, "partition": partition, "offset": start, "count": BATCH - start}
        for partition, start in enumerate(STARTS)
    ]
    read = defaultdict(list)
    for record in client.run("consume", broker.bootstrap, wanted, "--isolation", isolation):
        read[record["partition"]].append((record["offset"], bare(record["value"])))
    assert read == {
        partition: [(offset, b"%d" % offset) for offset in range(start, BATCH)]
        for partition, start in enumerate(STARTS)
    }


# kcat goes to the end of the log of its own accord.
@pytest.mark.parametrize("client", [pytest.param(one, id=one.name) for one in CLIENTS if one.name != "kcat"])
def test_outside_of_the_log_is_an_error(broker, client, batches):
    need(client)
    wanted = {"topic": batches, "partition": 0, "offset": BATCH + 1000, "count": 1}
    with pytest.raises(DriverFailed, match=r"(?i)ended with 1(.|\n)*offset.*range|ended with(.|\n)*NoOffset"):
        client.run("consume", broker.bootstrap, [wanted], within_s=20)
