"""Each source is read by itself, with the places of its settings."""

from __future__ import annotations

import pytest

from cordwood.node.findings import Given, Place, Severity
from cordwood.node.sources import find_all, find_in_text, setting_of_variable


def found(**sources):
    sources = {"file": None, "environment": {}, "sets": (), "flags": {}} | sources
    return find_all(**sources)


@pytest.fixture
def toml(tmp_path):
    def write(text):
        path = tmp_path / "cordwood.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_nothing_is_found_where_nothing_is():
    findings = found(environment={"PATH": "/bin", "HOME": "/root"})
    assert (findings.settings, findings.mistakes, findings.warnings) == ([], [], [])


def test_a_file_is_read_with_its_lines(toml):
    path = toml(
        "num.partitions = 3\n[log]\ndirs = ['/a', '/b']\npreallocate = true\ncleaner.min.cleanable.ratio = 0.25\n"
    )
    assert found(file=path).settings == [
        Given("num.partitions", "3", Place(path, 1)),
        Given("log.dirs", "/a,/b", Place(path, 3)),
        Given("log.preallocate", "true", Place(path, 4)),
        Given("log.cleaner.min.cleanable.ratio", "0.25", Place(path, 5)),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"num.partitions = ", "is not TOML: Invalid value (at end"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"num.partitions = 1979-05-27", ":1: num.partitions: a date is no value of a setting"),
        (b"log.dirs = [{ a = 1 }]", ":1: log.dirs: a list is no value of a setting"),
        (b"\nnum.partition = 1", ":2: num.partition: there is no such setting (did you mean num.partitions?)"),
    ],
)
def test_files_with_mistakes(toml, text, words):
    (mistake,) = found(file=toml(text)).mistakes
    assert words in mistake


def test_a_file_that_is_not_there(tmp_path):
    (mistake,) = found(file=str(tmp_path / "none.toml")).mistakes
    assert mistake.endswith("none.toml: cannot be read: No such file or directory")


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("LOG_SEGMENT_BYTES", "log.segment.bytes"),
        ("NODE_ID", "node.id"),
        ("LISTENER_NAME_MY__NAME", "listener.name.my_name"),
        ("SOME___THING", "some-thing"),
        ("A____B", "a-.b"),
    ],
)
def test_variables_stand_for_settings(variable, name):
    assert setting_of_variable(variable) == name


def test_the_environment_is_read():
    findings = found(environment={"CORDWOOD_NUM_PARTITIONS": "1", "KAFKA_NUM_PARTITIONS": "2", "KAFKA_BROKER_ID": "7"})
    assert findings.settings == [
        Given("node.id", "7", Place("KAFKA_BROKER_ID")),
        Given("num.partitions", "2", Place("KAFKA_NUM_PARTITIONS")),
        Given("num.partitions", "1", Place("CORDWOOD_NUM_PARTITIONS")),
    ]


def test_another_makers_prefix_is_read():
    assert found(environment={"KAFKA_CFG_NODE_ID": "7"}).settings == [Given("node.id", "7", Place("KAFKA_CFG_NODE_ID"))]


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("KAFKA_HEAP_OPTS", "-Xmx1G"),
        ("KAFKA_OPTS", "x"),
        ("KAFKA_HOME", "/opt/kafka"),
        ("KAFKA_JVM_PERFORMANCE_OPTS", "x"),
        ("KAFKA_LOG4J_OPTS", "x"),
        ("KAFKA_TOOLS_LOG4J_LOGLEVEL", "x"),
        ("KAFKA_VERSION", "4.0"),
        ("KAFKA_JMX_PORT", "9999"),
        ("KAFKA_PORT", "tcp://10.0.0.1:9092"),
        ("KAFKA_PORT_9092_TCP", "tcp://10.0.0.1:9092"),
        ("KAFKA_PORT_9092_TCP_ADDR", "10.0.0.1"),
        ("CORDWOOD_BOOTSTRAP_SERVERS", "10.0.0.1:9092"),
        ("KAFKA_SERVICE_HOST", "10.0.0.1"),
        ("CORDWOOD_SERVICE_PORT", "9092"),
        ("CORDWOOD_SERVICE_PORT_CLIENTS", "9092"),
        ("CORDWOOD_PORT", "tcp://10.0.0.1:9092"),
        ("KAFKA_LISTENERS", ""),
    ],
)
def test_variables_that_are_no_settings_are_passed_over(variable, text):
    findings = found(environment={variable: text})
    assert (findings.settings, findings.mistakes, findings.warnings) == ([], [], [])


def test_a_kafka_clients_variable_is_a_warning():
    findings = found(environment={"KAFKA_BOOTSTRAP_SERVERS": "x:1", "KAFKA_LOG_SEGMENT_BYTE": "1"})
    assert not findings.mistakes
    assert findings.warnings == [
        "KAFKA_BOOTSTRAP_SERVERS names no setting of a broker; it is ignored",
        "KAFKA_LOG_SEGMENT_BYTE names no setting of a broker (did you mean log.segment.bytes?); it is ignored",
    ]


def test_a_mistake_in_a_variable_of_ours_is_one():
    (mistake,) = found(environment={"CORDWOOD_LOG_SEGMENT_BYTE": "1"}).mistakes
    assert mistake.startswith("CORDWOOD_LOG_SEGMENT_BYTE: log.segment.byte: there is no such setting (did you mean")


def test_pairs_and_flags_are_read():
    findings = found(
        sets=["num.partitions=2", "flush.policy = os", "advertised.listeners=A://b:1,C://d:2"],
        flags={"listeners": "127.0.0.1:0"},
    )
    assert [(given.name, given.text) for given in findings.settings] == [
        ("num.partitions", "2"),
        ("log.flush.policy", " os"),
        ("advertised.listeners", "A://b:1,C://d:2"),
        ("listeners", "127.0.0.1:0"),
    ]
    assert str(findings.settings[0].place) == "--set num.partitions"
    assert str(findings.settings[3].place) == "--listen 127.0.0.1:0"


def test_the_last_pair_counts():
    findings = found(sets=["num.partitions=2", "num.partitions=3"])
    assert [given.text for given in findings.settings] == ["3"]


def test_every_mistake_is_found(toml):
    path = toml("num.partitions = 0\n")
    findings = found(
        file=path,
        environment={"KAFKA_NUM_PARTITIONS": "few", "CORDWOOD_NODE_ID": "-1"},
        sets=["nonsense", "node.id=one", "broker.id=2", "node.id=2"],
        flags={"http.listener": "x"},
    )
    assert [mistake.partition(": ")[0] for mistake in findings.mistakes] == [
        f"{path}:1",
        "KAFKA_NUM_PARTITIONS",
        "CORDWOOD_NODE_ID",
        "--set nonsense",
        "--set broker.id",
    ]
    assert findings.mistakes[-1].endswith("broker.id is another name of node.id, which is given too (give one of them)")


def test_a_mistaken_setting_is_not_among_the_good_ones():
    assert found(sets=["num.partitions=few"]).settings == []


def test_a_secret_is_not_in_a_message_about_it():
    findings = found(environment={"KAFKA_SSL_KEY_PASSWORD": "hunter2"})
    assert not findings.mistakes
    assert findings.settings[0].place == Place("KAFKA_SSL_KEY_PASSWORD")
    for pair in ("ssl.key.password=hunter2", "ssl.key.pasword=hunter2", "sasl.login.refresh.window.factor=hunter2"):
        place = found(sets=[pair]).all or found(sets=[pair]).settings
        assert "hunter2" not in str(place[0].place)


@pytest.mark.parametrize(
    ("path", "text", "settings"),
    [
        ("server.properties", "num.partitions=3", [("num.partitions", "3", 1)]),
        ("x.conf", "# a Kafka\nlog.dirs=/tmp/logs", [("log.dirs", "/tmp/logs", 2)]),
        ("x.conf", "num.partitions = 3", [("num.partitions", "3", 1)]),
        ("x.conf", "[log]\ndirs = '/tmp/logs'", [("log.dirs", "/tmp/logs", 2)]),
        ("x.properties", "num.partitions=1\n\nnum.partitions=2", [("num.partitions", "2", 3)]),
    ],
)
def test_the_form_of_a_file_is_known_by_its_name_or_its_looks(path, text, settings):
    findings = find_in_text(path, text)
    assert findings.mistakes == []
    assert findings.settings == [Given(name, value, Place(path, line)) for name, value, line in settings]


@pytest.mark.parametrize(("path", "text"), [("x.toml", "log.dirs=/tmp"), ("x", "[log]\ndirs=/tmp"), ("x", "a = 'b")])
def test_a_file_that_is_neither(path, text):
    (finding,) = find_in_text(path, text).all
    assert finding.message.startswith("is not TOML: ")
    assert finding.place is not None
    assert finding.place.line == text.count("\n") + 1


def test_a_property_given_twice_counts_once():
    findings = find_in_text("server.properties", "num.partitions=few\nnum.partitions=2")
    (finding,) = findings.all
    assert (finding.severity, finding.place) == (Severity.WARNING, Place("server.properties", 1))
    assert "given again on line 2" in finding.message
    assert [given.text for given in findings.settings] == ["2"]


@pytest.mark.parametrize("name", ["ssl.keystore.location", "plain.sasl.jaas.config", "max.connections"])
def test_settings_of_single_listeners_have_no_effect(name):
    findings = find_in_text("server.properties", f"listener.name.internal.{name}=x")
    assert findings.mistakes == findings.settings == []
    assert "no settings of single listeners" in findings.warnings[0]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("num.partition", "did you mean num.partitions?"),
        ("retention.bytes", "topics have it; brokers call it log.retention.bytes"),
        ("consumer.session.timeout.ms", "groups have it; brokers call it group.consumer.session.timeout.ms"),
        ("listener.name.internal.nonsense", ""),
        ("nonsense", ""),
    ],
)
def test_unknown_settings_get_a_hint(name, hint):
    (finding,) = find_in_text("server.properties", f"{name}=1").all
    assert (finding.severity, finding.suggestion) == (Severity.ERROR, hint)


def test_another_name_is_noted():
    findings = find_in_text("server.properties", "broker.id=4")
    (finding,) = findings.all
    assert (finding.severity, finding.suggestion) == (Severity.NOTE, "write node.id")
    assert findings.settings == [Given("node.id", "4", Place("server.properties", 1))]
