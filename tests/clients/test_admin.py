"""Administration through the admin clients: topics, partitions, configs, records, the cluster, log directories, ids.

Every call goes through a real client's own encoding, at the version that it chose.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.clients.harness.clients import CLIENTS, each
from tests.clients.harness.records import armour
from tests.clients.harness.session import Session

UNKNOWN_TOPIC_OR_PARTITION = 3
INVALID_TOPIC = 17
TOPIC_ALREADY_EXISTS = 36
INVALID_PARTITIONS = 37
INVALID_CONFIG = 40


def done(session: Session, op: str, **arguments: Any) -> Any:
    """The result of a call that must succeed."""
    answer = session.ask({"op": op, **arguments})
    assert "ok" in answer, answer
    return answer["ok"]


def refusal(session: Session, op: str, **arguments: Any) -> Any:
    """The error code of a call that must fail."""
    answer = session.ask({"op": op, **arguments})
    assert "error" in answer, answer
    return answer["error"]


def only_broker(session: Session) -> Any:
    (node,) = done(session, "cluster")["brokers"]
    return node["id"]


@each("create_topic", "topics", "describe_topic", "delete_topic")
def test_a_topic_lives_and_dies(admin, client, topic):
    session = admin(client)
    done(session, "create_topic", topic=topic, partitions=3)
    # At once: clients poll for a topic whose creation was answered, and some give up early.
    assert topic in done(session, "topics")
    broker = only_broker(session)
    described = done(session, "describe_topic", topic=topic)["partitions"]
    assert described == [{"id": n, "leader": broker, "replicas": [broker], "isr": [broker]} for n in range(3)]
    done(session, "delete_topic", topic=topic)
    assert topic not in done(session, "topics")


@each("create_topic", "topics", "delete_topic")
def test_a_name_may_be_used_again(admin, client, topic):
    session = admin(client)
    for partitions in (2, 1):
        done(session, "create_topic", topic=topic, partitions=partitions)
        assert len(done(session, "describe_topic", topic=topic)["partitions"]) == partitions
        done(session, "delete_topic", topic=topic)


@each("create_topic")
def test_a_topic_is_created_once(admin, client, topic):
    session = admin(client)
    done(session, "create_topic", topic=topic, partitions=1)
    assert refusal(session, "create_topic", topic=topic, partitions=1) == TOPIC_ALREADY_EXISTS


@each("validate_topic")
def test_validating_creates_nothing(admin, client, topic):
    session = admin(client)
    done(session, "create_topic", topic=topic, partitions=1, validate_only=True)
    assert topic not in done(session, "topics")
    assert refusal(session, "create_topic", topic="not a name", partitions=1, validate_only=True) == INVALID_TOPIC


@each("create_topic")
def test_what_is_wrong_is_refused(admin, client, topic):
    session = admin(client)
    assert refusal(session, "create_topic", topic="not a name", partitions=1) == INVALID_TOPIC
    configs = {"retention.ms": "for ever"}
    assert refusal(session, "create_topic", topic=topic, partitions=1, configs=configs) == INVALID_CONFIG
    assert refusal(session, "create_topic", topic=topic, partitions=0) == INVALID_PARTITIONS
    assert topic not in done(session, "topics")


@each("delete_topic", "unknown")
def test_what_does_not_exist_is_unknown(admin, client, topic):
    session = admin(client)
    assert refusal(session, "delete_topic", topic=topic) == UNKNOWN_TOPIC_OR_PARTITION
    assert refusal(session, "describe_topic", topic=topic) == UNKNOWN_TOPIC_OR_PARTITION
    assert topic not in done(session, "topics")


@each("create_partitions")
def test_partitions_grow_and_never_shrink(admin, client, topic):
    session = admin(client)
    done(session, "create_topic", topic=topic, partitions=2)
    done(session, "create_partitions", topic=topic, total=5)
    assert [part["id"] for part in done(session, "describe_topic", topic=topic)["partitions"]] == [0, 1, 2, 3, 4]
    assert refusal(session, "create_partitions", topic=topic, total=4) == INVALID_PARTITIONS


@each("set_configs")
def test_configs_change_one_by_one(admin, client, topic):
    session = admin(client)
    defaults_of = topic + "-defaults"
    done(session, "create_topic", topic=defaults_of, partitions=1)
    done(
        session,
        "create_topic",
        topic=topic,
        partitions=1,
        configs={"retention.ms": "1000", "cleanup.policy": "compact"},
    )
    done(session, "set_configs", topic=topic, configs={"retention.bytes": "123456", "cleanup.policy": None})
    configs = done(session, "configs", topic=topic)
    defaults = done(session, "configs", topic=defaults_of)
    expected = {"retention.ms": "1000", "retention.bytes": "123456", "cleanup.policy": "delete"}
    assert {name: configs[name] for name in expected} == expected
    assert {**configs, "retention.ms": "", "retention.bytes": ""} == {
        **defaults,
        "retention.ms": "",
        "retention.bytes": "",
    }
    assert refusal(session, "set_configs", topic=topic, configs={"retention.ms": "for ever"}) == INVALID_CONFIG


@each("replace_configs")
def test_configs_are_replaced_as_a_whole(admin, client, topic):
    session = admin(client)
    done(session, "create_topic", topic=topic, partitions=1, configs={"retention.ms": "1000"})
    done(session, "replace_configs", topic=topic, configs={"retention.bytes": "123456"})
    configs = done(session, "configs", topic=topic)
    assert configs["retention.bytes"] == "123456"
    assert configs["retention.ms"] != "1000"


@each("delete_records", "offsets")
def test_records_are_deleted_from_the_front(admin, broker, client, topic, create):
    session = admin(client)
    create(topic)
    lines = [{"n": n, "topic": topic, "partition": 0, "key": None, "value": armour(b"%d" % n)} for n in range(10)]
    client.run("produce", broker.bootstrap, lines)
    # kafkajs and its like answer nothing here.
    assert done(session, "delete_records", topic=topic, partition=0, before=4).get("low_watermark", 4) == 4
    assert done(session, "offsets", topic=topic, partition=0, at="earliest")["offset"] == 4
    assert done(session, "offsets", topic=topic, partition=0, at="latest")["offset"] == 10
    wanted = [{"topic": topic, "partition": 0, "offset": 4, "count": 6}]
    assert [record["offset"] for record in client.run("consume", broker.bootstrap, wanted)] == [4, 5, 6, 7, 8, 9]
    # -1 means all there are.
    done(session, "delete_records", topic=topic, partition=0, before=-1)
    assert done(session, "offsets", topic=topic, partition=0, at="earliest")["offset"] == 10


@each("cluster")
def test_the_cluster_is_described(admin, broker, client):
    found = done(admin(client), "cluster")
    host, port = broker.bootstrap.rsplit(":", 1)
    (node,) = found["brokers"]
    assert (node["host"], node["port"]) == (host, int(port))
    assert found["controller"] == node["id"]
    # kcat does not print the cluster's id.
    assert found.get("cluster_id", "-")


def test_all_clients_see_the_same_cluster(admin):
    present = [client for client in CLIENTS if client.absence() is None and "cluster" in client.admin]
    seen = {client.name: done(admin(client), "cluster").get("cluster_id") for client in present}
    assert len({cluster_id for cluster_id in seen.values() if cluster_id is not None}) == 1, seen


@each("log_dirs", "delete_topic")
def test_log_directories_tell_sizes(admin, broker, client, topic, create):
    session = admin(client)
    create(topic, partitions=2)
    lines = [{"n": 0, "topic": topic, "partition": 1, "key": None, "value": armour(bytes(5000))}]
    client.run("produce", broker.bootstrap, lines)
    sizes = done(session, "log_dirs")["sizes"]
    assert sizes[f"{topic}-0"] == 0
    assert 5000 < sizes[f"{topic}-1"] < 6000
    done(session, "delete_topic", topic=topic)
    assert f"{topic}-1" not in done(session, "log_dirs")["sizes"]


@each("topic_id")
def test_a_topic_has_an_id_for_life(admin, client, topic):
    session = admin(client)
    done(session, "create_topic", topic=topic, partitions=1)
    first = done(session, "describe_topic", topic=topic)["topic_id"]
    assert uuid.UUID(first).int != 0
    done(session, "create_partitions", topic=topic, total=2)
    assert done(session, "describe_topic", topic=topic)["topic_id"] == first
    done(session, "delete_topic", topic=topic)
    done(session, "create_topic", topic=topic, partitions=1)
    assert done(session, "describe_topic", topic=topic)["topic_id"] != first


@each("by_id")
def test_a_topic_is_found_and_deleted_by_its_id(admin, client, topic):
    session = admin(client)
    done(session, "create_topic", topic=topic, partitions=1)
    topic_id = done(session, "describe_topic", topic=topic)["topic_id"]
    assert done(session, "describe_topic", topic="", topic_id=topic_id)["name"] == topic
    done(session, "delete_topic", topic="", topic_id=topic_id)
    assert topic not in done(session, "topics")


@pytest.mark.parametrize("partitions", [1, 50])
def test_every_partition_can_be_used_at_once(admin, broker, topic, create, partitions):
    create(topic, partitions=partitions)
    lines = [{"n": n, "topic": topic, "partition": n, "key": None, "value": armour(b"x")} for n in range(partitions)]
    answers = CLIENTS[0].run("produce", broker.bootstrap, lines)
    assert sorted((answer["partition"], answer["offset"]) for answer in answers) == [(n, 0) for n in range(partitions)]
