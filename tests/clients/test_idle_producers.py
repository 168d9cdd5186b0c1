"""Producers that are idle for longer than they are remembered: what they send after that is there once, and in order."""

from __future__ import annotations

import pytest

from cordwood.wire.messages.describe_producers import DescribeProducersRequest, TopicRequest
from tests.clients.conftest import need, run_broker
from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import CLIENTS
from tests.clients.harness.kinds import AIOKAFKA, CONFLUENT, FRANZ, JAVA, JAVA_3, KAFKA_PYTHON
from tests.clients.harness.records import armour
from tests.clients.harness.transactor import TRANSACTIONAL, Transactor, lists, read, wait_until, write
from tests.raw_client import RawClient

FORGETFUL = {"producer.id.expiration.ms": "300", "log.retention.check.interval.ms": "100"}
FORGOTTEN_WITHIN_S = 30.0
ROUNDS = 3
EACH = 10
# kafkajs calls its own idempotent producer experimental.
IDEMPOTENT = (CONFLUENT, KAFKA_PYTHON, AIOKAFKA, FRANZ, JAVA, JAVA_3)

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def forgetful_broker(request, tmp_path_factory):
    yield from run_broker(request, Broker(tmp_path_factory.mktemp("forgetful"), FORGETFUL))


@pytest.fixture
def target(forgetful_broker, topic):
    """A topic to write to."""
    with CLIENTS[0].session("admin", forgetful_broker.bootstrap) as admin:
        answer = admin.ask({"op": "create_topic", "topic": topic, "partitions": 1})
        assert "ok" in answer, answer
    return topic


def remembered(broker, topic):
    """The producers that the broker has in mind for the topic's partition."""
    host, port = broker.bootstrap.rsplit(":", 1)
    with RawClient(int(port), host) as client:
        request = DescribeProducersRequest(topics=[TopicRequest(name=topic, partition_indexes=[0])])
        (partition,) = client.ask(request, 0).topics[0].partitions
    assert partition.error_code == 0, partition
    return [producer.producer_id for producer in partition.active_producers]


def wait_forgotten(broker, topic):
    wait_until(lambda: not remembered(broker, topic), FORGOTTEN_WITHIN_S, lambda: remembered(broker, topic))


def of_each(clients):
    return pytest.mark.parametrize("client", clients, ids=[client.name for client in clients])


@of_each(IDEMPOTENT)
def test_an_idempotent_producer_goes_on(forgetful_broker, target, client):
    need(client)
    told = []
    with client.session("produce", forgetful_broker.bootstrap) as session:
        for number in range(ROUNDS):
            lines = [line(n, target) for n in range(number * EACH, (number + 1) * EACH)]
            session.tell(*lines)
            told += [session.next() for _ in lines]
            wait_forgotten(forgetful_broker, target)
    assert all("offset" in answer for answer in told), told
    assert sorted((answer["n"], answer["offset"]) for answer in told) == [(n, n) for n in range(ROUNDS * EACH)]
    wanted = [{"topic": target, "partition": 0, "offset": 0, "count": ROUNDS * EACH}]
    values = [record["value"] for record in CONFLUENT.run("consume", forgetful_broker.bootstrap, wanted)]
    assert values == [armour(b"%d" % n) for n in range(ROUNDS * EACH)]


def line(n, topic):
    return {"n": n, "topic": topic, "partition": 0, "key": None, "value": armour(b"%d" % n), "idempotent": True}


@of_each(TRANSACTIONAL)
def test_a_transactional_producer_goes_on(forgetful_broker, target, client):
    """It is forgotten between transactions; whose transaction is open is remembered all the while."""
    need(client)
    expected = []
    with Transactor(client, forgetful_broker.bootstrap) as transactor:
        transactor.init(target)
        for number in range(ROUNDS):
            transactor.begin()
            expected += transactor.send(target, [(0, f"{number} {n}") for n in range(EACH)])
            # A stranger comes and is forgotten.
            expected += write(forgetful_broker.bootstrap, target, [(0, f"between {number}")])
            expected += transactor.send(target, [(0, f"{number} again {n}") for n in range(EACH)])
            transactor.commit()
            wait_forgotten(forgetful_broker, target)
    whole = lists(target, expected)
    assert read(CONFLUENT, forgetful_broker.bootstrap, whole, "read_committed") == whole
