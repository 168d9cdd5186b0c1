"""A node's configuration, from all sources together."""

from __future__ import annotations

import pytest

from cordwood.metadata.topics import TopicDefaults
from cordwood.model.errors import CordwoodError
from cordwood.model.settings import Layers, Source, describe_broker
from cordwood.node.configuration import Address, ConfigurationError, HostPort, load


def mistakes_of(**sources):
    with pytest.raises(ConfigurationError) as caught:
        load(**sources)
    return caught.value.mistakes


def test_a_node_starts_without_any_setting():
    config = load()
    assert config.node_id == 1
    assert config.listeners == (Address("PLAINTEXT", "PLAINTEXT", "127.0.0.1", 9092),)
    assert config.advertised == ()
    assert config.data_dirs == ("./data",)
    assert (config.http, config.ready_file, config.cluster_id, config.rack) == (None, None, None, None)
    assert config.topic_defaults == TopicDefaults(1, 1)
    assert config.auto_create_topics
    assert config.delete_topic_enabled
    assert config.static == {}
    assert config.warnings == ()


def test_the_stronger_source_wins(tmp_path):
    path = tmp_path / "cordwood.toml"
    path.write_text("node.id = 2\nbroker.rack = 'file'\n[num]\npartitions = 2\n[fetch]\nmax.bytes = 2000\n")
    config = load(
        file=str(path),
        environment={"KAFKA_NUM_PARTITIONS": "3", "CORDWOOD_FETCH_MAX_BYTES": "3000", "KAFKA_FETCH_MAX_BYTES": "4000"},
        sets=["fetch.max.bytes=5000", "listeners=:1"],
        flags={"listeners": ":2", "log.dirs": "/data/"},
    )
    assert config.node_id == 2
    assert config.rack == "file"
    assert config.topic_defaults.partitions == 3
    assert config.fetch_max_bytes == 5000
    assert config.listeners[0].port == 2
    assert config.data_dirs == ("/data",)
    assert config.places["num.partitions"] == "KAFKA_NUM_PARTITIONS"
    assert config.places["broker.rack"] == f"{path}:2"


def test_every_field_follows_its_setting():
    config = load(
        sets=[
            "cluster.id=MkU3OEVBNTcwNTJENDM2Qk",
            "broker.rack=a",
            "advertised.listeners=example.org:1",
            "log.dirs=/a,/b/",
            "http.listener=[::1]:8080",
            "ready.file=/run/ready",
            "default.replication.factor=3",
            "auto.create.topics.enable=false",
            "delete.topic.enable=false",
            "max.connections=5",
            "max.connections.per.ip=4",
            "connections.max.idle.ms=3",
            "connection.max.requests.in.flight=2",
            "socket.request.max.bytes=10000000",
            "max.incremental.fetch.session.cache.slots=7",
            "background.threads=8",
            "num.recovery.threads.per.data.dir=6",
            "producer.id.expiration.ms=9",
            "controller.quorum.voters=2@b.example:1,1@example.org:1",
        ]
    )
    assert config.cluster_id == "MkU3OEVBNTcwNTJENDM2Qk"
    assert config.advertised == (Address("PLAINTEXT", "PLAINTEXT", "example.org", 1),)
    assert config.data_dirs == ("/a", "/b")
    assert config.http == HostPort("::1", 8080)
    assert config.ready_file == "/run/ready"
    assert config.topic_defaults == TopicDefaults(1, 3)
    assert not config.auto_create_topics
    assert not config.delete_topic_enabled
    assert (config.max_connections, config.max_connections_per_ip, config.connection_idle_ms) == (5, 4, 3)
    assert (config.requests_in_flight, config.request_max_bytes, config.fetch_session_slots) == (2, 10_000_000, 7)
    assert list(map(str, config.voters)) == ["1@example.org:1", "2@b.example:1"]
    assert config.background_threads == 8


def test_every_mistake_is_reported_at_once(tmp_path):
    path = tmp_path / "cordwood.toml"
    path.write_text("num.partitions = 'few'\n")
    mistakes = mistakes_of(
        file=str(path),
        environment={"CORDWOOD_NODE_IDD": "1"},
        sets=["fetch.max.bytes=1", "cluster.id=a b", "log.dirs=/a,/a/"],
        flags={"listeners": "nonsense", "http.listener": "x"},
    )
    places = [mistake.partition(": ")[0] for mistake in mistakes]
    assert sorted(places) == sorted(
        [
            f"{path}:1",
            "CORDWOOD_NODE_IDD",
            "--set fetch.max.bytes",
            "--set cluster.id",
            "--set log.dirs",
            "--listen nonsense",
            "--http x",
        ]
    )


def test_the_error_is_one_of_ours_and_shows_all():
    with pytest.raises(CordwoodError, match=r"has mistakes:\n  --set a: wants KEY=VALUE\n  --set b: wants KEY=VALUE"):
        load(sets=["a", "b"])


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("log.dirs=,/a", "names no data directory"),
        ("log.dirs=/a,,/b", "names no data directory"),
        ("cluster.id=" + "x" * 65, "wants 1 to 64"),
        ("advertised.listeners=0.0.0.0:1", "name a host that clients can reach"),
        ("controller.quorum.bootstrap.servers=first.example", "has no port: write HOST:PORT"),
        ("controller.quorum.voters=1@:9092", "name a host that the other members can reach"),
        ("authorizer.class.name=org.example.Authorizer", "would let everyone in"),
    ],
)
def test_what_cannot_be(pair, words):
    (mistake,) = mistakes_of(sets=[pair])
    name = pair.partition("=")[0]
    assert mistake.startswith(f"--set {name}: {name}")
    assert words in mistake


def test_the_root_is_a_directory():
    assert load(flags={"log.dirs": "/"}).data_dirs == ("/",)


def test_the_environment_of_a_kafka_image_is_taken():
    config = load(
        environment={
            "KAFKA_NODE_ID": "3",
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "KAFKA_ADVERTISED_LISTENERS": "PLAINTEXT://localhost:9092",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": "3@localhost:9093",
            "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
            "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_HEAP_OPTS": "-Xmx1G",
        }
    )
    assert config.node_id == 3
    assert [str(address) for address in config.listeners] == [":9092"]
    assert [str(address) for address in config.advertised] == ["localhost:9092"]
    assert list(map(str, config.voters)) == ["3@localhost:9093"]
    (warning,) = config.warnings
    assert warning == (
        "without effect in Cordwood: process.roles (KAFKA_PROCESS_ROLES), share.coordinator.state.topic.replication.factor "
        "(KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR)"
    )


def test_a_warning_does_not_tell_a_secret():
    config = load(sets=["ssl.key.password=hunter2"])
    assert config.warnings == ("without effect in Cordwood: ssl.key.password (--set ssl.key.password)",)


def test_settings_that_contradict_each_other_stop_a_start():
    (mistake,) = mistakes_of(sets=["group.min.session.timeout.ms=9", "group.max.session.timeout.ms=8"])
    assert mistake.startswith("--set group.min.session.timeout.ms: group.min.session.timeout.ms = 9 is more than")


def test_kafkas_own_file_is_a_configuration(tmp_path):
    path = tmp_path / "server.properties"
    path.write_text("broker.id=4\nnum.partitions=3\nlog.dirs=/tmp/kafka-logs\n")
    config = load(file=str(path))
    assert (config.node_id, config.topic_defaults.partitions, config.data_dirs) == (4, 3, ("/tmp/kafka-logs",))
    assert config.places["node.id"] == f"{path}:1"


def test_settings_given_are_the_static_layer():
    config = load(sets=["flush.policy=os"])
    (entry,) = describe_broker(Layers(static=config.static), ["log.flush.policy"])
    assert (entry.value, entry.source) == ("os", Source.STATIC_BROKER)


def test_a_configuration_cannot_be_changed():
    config = load(sets=["num.partitions=2"])
    with pytest.raises(AttributeError):
        config.node_id = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        config.static["num.partitions"] = "3"  # type: ignore[index]


def test_members_take_what_other_members_send():
    small = "socket.request.max.bytes=1000"
    assert load(sets=[small]).request_max_bytes == 1000
    for quorum in ("controller.quorum.voters=1@a.example:1", "controller.quorum.bootstrap.servers=a.example:1"):
        (mistake,) = mistakes_of(sets=[small, quorum])
        assert "socket.request.max.bytes: wants at least" in mistake


def test_where_to_join_is_read():
    config = load(sets=["controller.quorum.bootstrap.servers=a.example:1,[::1]:2"])
    assert config.quorum.bootstrap_servers == (HostPort("a.example", 1), HostPort("::1", 2))
