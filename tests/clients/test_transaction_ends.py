"""How transactions of each client end when nobody ends them well: fenced, abandoned, killed; and offsets in them."""

from __future__ import annotations

from collections import defaultdict

import pytest

from cordwood.wire.messages.describe_producers import DescribeProducersRequest, TopicRequest
from tests.clients.conftest import need, run_broker
from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import CLIENTS
from tests.clients.harness.kinds import CONFLUENT, FRANZ, JAVA
from tests.clients.harness.transactor import (
    TRANSACTIONAL,
    Refused,
    Transactor,
    lists,
    read,
    wait_until,
    write,
)
from tests.raw_client import RawClient

# Abandoned transactions are looked for so often.
PROMPT = {"transaction.abort.timed.out.transaction.cleanup.interval.ms": "100"}
ABANDONED_MS = 1_000
DECIDED_WITHIN_S = 30.0
PARTITIONS = 2
EACH = 5
# INVALID_PRODUCER_EPOCH, PRODUCER_FENCED, INVALID_PRODUCER_ID_MAPPING, and librdkafka's own word for being fenced. Some
# clients say it without a number, for good after the first time.
FENCED = {47, 90, 49, -144, None}
# Apache Kafka 4.3 has another word for who is too late, INVALID_TXN_STATE (KAFKA-20785).
TOO_LATE = FENCED | {48}
UNSTABLE_OFFSET_COMMIT = 88
# Who speaks the newer protocol where a broker has it.
VERSION_2 = (FRANZ, JAVA)

pytestmark = pytest.mark.timeout(300)


def of_each(clients):
    return pytest.mark.parametrize("client", clients, ids=[client.name for client in clients])


of_each_writer = of_each(TRANSACTIONAL)
# A producer of kafkajs that is fenced asks for a new epoch, whatever the broker, and so fences the other.
of_each_fenced = of_each([client for client in TRANSACTIONAL if client.name != "kafkajs"])
# franz-go sends offsets only of a group that it is in; test_transforms.py has it.
of_each_with_offsets = of_each([client for client in TRANSACTIONAL if client.name != "franz-go"])


@pytest.fixture(scope="module")
def prompt_broker(request, tmp_path_factory):
    yield from run_broker(request, Broker(tmp_path_factory.mktemp("prompt"), PROMPT))


@pytest.fixture(scope="module")
def prompt_admin(prompt_broker):
    with CLIENTS[0].session("admin", prompt_broker.bootstrap) as session:
        yield session


@pytest.fixture(scope="module")
def pool(prompt_broker):
    """Two processes of a client, which outlive a test: `init` makes each a producer of another name."""
    running = defaultdict(list)

    def two_of(client):
        need(client)
        while len(running[client.name]) < 2:
            running[client.name].append(Transactor(client, prompt_broker.bootstrap))
        return running[client.name]

    yield two_of
    for transactors in running.values():
        for transactor in transactors:
            transactor.kill()


@pytest.fixture
def target(prompt_admin, topic):
    """A topic to write to."""
    answer = prompt_admin.ask({"op": "create_topic", "topic": topic, "partitions": PARTITIONS})
    assert "ok" in answer, answer
    return topic


def some(name):
    """Records of a transaction, in both partitions."""
    return [(n % PARTITIONS, f"{name} {n}") for n in range(EACH)]


def close(broker, topic):
    """A record of no transaction at the end of each partition: who has read it has read all before it."""
    return write(broker.bootstrap, topic, ((n, "last") for n in range(PARTITIONS)))


def assert_committed(broker, topic, records):
    expected = lists(topic, records)
    assert read(CONFLUENT, broker.bootstrap, expected, "read_committed") == expected


@of_each_fenced
def test_a_second_producer_fences_the_first(prompt_broker, pool, target, client):
    one, two = pool(client)
    one.init(target)
    one.begin()
    before = one.send(target, some("before"))
    one.commit()
    one.begin()
    one.send(target, some("open"))

    two.init(target)
    with pytest.raises(Refused) as refused:
        one.send(target, some("late"))
    assert refused.value.code in FENCED, refused.value
    two.begin()
    after = two.send(target, some("after"))
    two.commit()
    assert_committed(prompt_broker, target, before + after + close(prompt_broker, target))


@of_each_fenced
def test_who_is_fenced_commits_nothing(prompt_broker, pool, target, client):
    one, two = pool(client)
    one.init(target)
    one.begin()
    one.send(target, some("open"))
    two.init(target)
    with pytest.raises(Refused) as refused:
        one.commit()
    assert refused.value.code in FENCED, refused.value
    assert_committed(prompt_broker, target, close(prompt_broker, target))


@of_each_writer
def test_what_is_left_open_is_aborted(prompt_broker, pool, target, client):
    one, two = pool(client)
    one.init(target, ABANDONED_MS)
    one.begin()
    one.send(target, some("open"))
    last = close(prompt_broker, target)
    # This is told no earlier than it is decided.
    assert_committed(prompt_broker, target, last)
    with pytest.raises(Refused) as refused:
        one.commit()
    assert refused.value.code in TOO_LATE, refused.value

    two.init(target)
    two.begin()
    after = two.send(target, some("after"))
    two.commit()
    assert_committed(prompt_broker, target, last + after + close(prompt_broker, target))


@of_each_writer
def test_who_comes_after_a_kill_need_not_wait(prompt_broker, pool, target, client):
    """The transaction of the dead would time out in ten minutes; whoever comes in its name ends it."""
    _, heir = pool(client)
    with Transactor(client, prompt_broker.bootstrap) as victim:
        victim.init(target)
        victim.begin()
        before = victim.send(target, some("before"))
        victim.commit()
        victim.begin()
        victim.send(target, some("open"))
        victim.kill()
    heir.init(target)
    heir.begin()
    after = heir.send(target, some("after"))
    heir.commit()
    assert_committed(prompt_broker, target, before + after + close(prompt_broker, target))


@of_each_writer
def test_clients_of_version_2_are_told_to_speak_it(prompt_broker, pool, target, client):
    """They count their epoch up with every end (KIP-890), the others with every new producer of the id."""
    one, _ = pool(client)
    one.init(target)
    for number in range(3):
        one.begin()
        one.send(target, some(f"{number}"))
        one.commit()
    expected = [3 if client in VERSION_2 else 0]
    wait_until(
        lambda: epochs(prompt_broker, target) == expected, DECIDED_WITHIN_S, lambda: epochs(prompt_broker, target)
    )


def epochs(broker, topic):
    """The epochs of the producers that a partition knows."""
    host, port = broker.bootstrap.rsplit(":", 1)
    with RawClient(int(port), host) as connection:
        request = DescribeProducersRequest(topics=[TopicRequest(name=topic, partition_indexes=[0])])
        (partition,) = connection.ask(request, 0).topics[0].partitions
    return [producer.producer_epoch for producer in partition.active_producers]


def committed_offset(admin, group, topic, *, stable):
    """The offset of a group, None when it has none; and the error when it cannot be told."""
    answer = admin.ask({"op": "committed", "group": group, "places": [[topic, 0]], "stable": stable})
    if "error" in answer:
        return None, answer["error"]
    offsets = [offset for _, _, offset in answer["ok"] if offset >= 0]
    return (offsets[0] if offsets else None), None


def wait_offset(admin, group, topic, offset):
    """Wait until no transaction may still change the offset; then it is this one."""
    wait_until(
        lambda: committed_offset(admin, group, topic, stable=True)[1] is None,
        DECIDED_WITHIN_S,
        lambda: committed_offset(admin, group, topic, stable=True),
    )
    assert committed_offset(admin, group, topic, stable=True) == (offset, None)
    assert committed_offset(admin, group, topic, stable=False) == (offset, None)


@of_each_with_offsets
def test_offsets_are_committed_with_the_transaction_or_not_at_all(prompt_broker, prompt_admin, pool, target, client):
    one, _ = pool(client)
    group = f"group of {target}"
    one.init(target)
    settled = None
    for offset, commits in ((3, False), (5, True), (7, False), (9, True)):
        one.begin()
        one.send(target, some(f"to {offset}"))
        one.offsets(group, [(target, 0, offset)])
        assert committed_offset(prompt_admin, group, target, stable=True) == (None, UNSTABLE_OFFSET_COMMIT)
        assert committed_offset(prompt_admin, group, target, stable=False) == (settled, None)
        if commits:
            one.commit()
            settled = offset
        else:
            one.abort()
        wait_offset(prompt_admin, group, target, settled)


@of_each_with_offsets
def test_offsets_alone_are_a_transaction(prompt_admin, pool, target, client):
    one, _ = pool(client)
    group = f"group of {target}"
    one.init(target)
    one.begin()
    one.offsets(group, [(target, 0, 4)])
    one.commit()
    wait_offset(prompt_admin, group, target, 4)
