"""Clients that come to an end: with an answer, or with the reason why there is none."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import NewTopic

from cordwood.cli.client.connecting import Cluster, Watch, client_properties, cluster
from cordwood.cli.client.errors import Unreachable
from cordwood.cli.client.options import Connection
from cordwood.cli.terminal.exits import Exit
from tests.cli.client.silent import refused_address, rude_server, silent_server, web_server

PATIENT_S = 60.0
"""Longer than any of these tests may take: who waits for it fails."""


def to(*servers, timeout_s=PATIENT_S, **properties):
    named = {name.replace("_", "."): value for name, value in properties.items()}
    return Connection({"bootstrap.servers": ",".join(servers), **named}, timeout_s)


def ended(capsys, connection):
    """The exit code and the words of a command that cannot connect."""
    with pytest.raises(SystemExit) as raised, cluster(connection) as kafka:
        kafka.metadata()
    said = capsys.readouterr()
    assert said.out == ""
    return raised.value.code, said.err


def test_a_cluster_answers(server):
    with cluster(to(server.bootstrap_servers)) as kafka:
        assert list(kafka.metadata().brokers) == [1]
        done = dict(kafka.outcomes(kafka.admin.create_topics([NewTopic("a", 1), NewTopic("b", 2)])))
        assert done == {"a": None, "b": None}
        refused = dict(kafka.outcomes(kafka.admin.create_topics([NewTopic("a", 1), NewTopic("c", 1)])))
        assert refused["a"].name() == "TOPIC_ALREADY_EXISTS"
        assert refused["c"] is None
        assert sorted(kafka.metadata().topics) == ["a", "b", "c"]
        described = dict(kafka.topics(["b", "none"]))
        assert [partition.id for partition in described["b"].partitions] == [0, 1]
        assert str(described["none"]).startswith("KafkaError{code=UNKNOWN_TOPIC_OR_PART")
        assert dict(kafka.topics([])) == {}
        assert sorted(kafka.metadata().topics) == ["a", "b", "c"]


def test_one_server_that_answers_is_enough(server):
    with silent_server() as silent, web_server() as web:
        for other in (refused_address(), silent, web):
            with cluster(to(other, server.bootstrap_servers)) as kafka:
                assert list(kafka.metadata().brokers) == [1]


def test_nobody_listens(capsys):
    address = refused_address()
    code, words = ended(capsys, to(address, refused_address()))
    assert code == 5
    assert words.startswith(f"error: nobody answers at {address},127.0.0.1:")
    assert words.endswith(
        "failed: Connection refused; is a broker running there? -b HOST:PORT names another, `cordwood doctor` looks closer\n"
    )


def test_there_is_no_such_host(capsys):
    code, words = ended(capsys, to("nowhere.invalid:9092"))
    assert code == 5
    assert "nobody answers at nowhere.invalid:9092: Failed to resolve" in words


def test_who_speaks_something_else_is_no_broker(capsys):
    with web_server() as address:
        code, words = ended(capsys, to(address))
    assert code == 5
    assert "what answers there is no Kafka broker" in words


def test_who_hangs_up_may_want_tls(capsys):
    with rude_server() as address:
        code, words = ended(capsys, to(address))
    assert code == 5
    assert "security.protocol" in words  # Now and then librdkafka has words of its own.


def test_silence_ends_with_the_time(capsys):
    with silent_server() as address:
        code, words = ended(capsys, to(address, timeout_s=0.2))
    assert code == 5
    assert words == (
        f"error: nobody answers at {address}: no answer came in time (--timeout); "
        "is a broker running there? -b HOST:PORT names another, `cordwood doctor` looks closer\n"
    )


@pytest.mark.parametrize(
    "properties",
    [
        {"security_protocol": "SSL"},
        {
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "sasl_username": "me",
            "sasl_password": "secret",
        },
    ],
)
def test_who_is_not_let_in(capsys, server, properties):
    code, words = ended(capsys, to(server.bootstrap_servers, **properties))
    assert code == 4
    assert words.startswith(f"error: {server.bootstrap_servers} does not let us in: ")
    assert "secret" not in words


def test_a_property_that_there_is_not(capsys):
    assert ended(capsys, to("a:1", x_y="z")) == (2, 'error: No such configuration property: "x.y"\n')


def refused_creation(connection):
    with cluster(connection) as kafka:
        (future,) = kafka.admin.create_topics([NewTopic("no/name", 1)]).values()
        kafka.wait(future)


def test_a_call_that_is_refused(server, capsys):
    with pytest.raises(SystemExit) as raised:
        refused_creation(to(server.bootstrap_servers))
    assert raised.value.code == 1
    assert capsys.readouterr().err.endswith("(TOPIC_EXCEPTION)\n")


def called(result):
    """A call that has come to this."""
    future = Future()
    if isinstance(result, KafkaError):
        future.set_exception(KafkaException(result))
    else:
        future.set_result(result)
    return future


def test_one_that_does_not_answer_is_one_error_among_others(server):
    kafka = Cluster(to(server.bootstrap_servers))
    silent, refused = KafkaError(KafkaError._TIMED_OUT), KafkaError(KafkaError.INVALID_CONFIG)
    for results in ([silent, "answer"], ["answer", silent], [refused, silent], [refused], []):
        assert [outcome for _, outcome in kafka.outcomes(dict(enumerate(map(called, results))))] == results
    with pytest.raises(KafkaException) as raised:
        list(kafka.outcomes(dict(enumerate(map(called, [silent, silent])))))
    assert raised.value.args == (silent,)
    broken = Future()
    broken.set_exception(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        list(kafka.outcomes({0: broken}))


def test_several_calls_end_together_where_nobody_answers():
    kafka = Cluster(to(refused_address()))
    with pytest.raises(Unreachable):
        dict(kafka.outcomes(kafka.admin.create_topics([NewTopic("a", 1)])))


def test_a_watch_tells_the_trouble_that_matters_most():
    watch = Watch(to("a:1"))
    watch.check()
    watch.heard(KafkaError(KafkaError._TRANSPORT, "refused"))
    watch.check()
    watch.heard(KafkaError(KafkaError._ALL_BROKERS_DOWN))
    with pytest.raises(Unreachable, match="nobody answers at a:1: refused"):
        watch.check()
    watch.heard(KafkaError(KafkaError._AUTHENTICATION, "bad password"))
    with pytest.raises(Unreachable, match="does not let us in: bad password") as raised:
        watch.check()
    assert raised.value.code is Exit.AUTH
    watch.hopes()
    watch.check()
    assert watch.trouble is None


def test_people_overrule_commands_and_commands_the_defaults():
    connection = Connection({"bootstrap.servers": "a:1", "client.id": "me", "x": "1"}, 2.0)
    watch = Watch(connection)
    made = client_properties(connection, watch, {"x": "2", "y": "3"})
    assert (made["client.id"], made["x"], made["y"], made["log_level"]) == ("me", "1", "3", 2)
    assert made["socket.connection.setup.timeout.ms"] == 2000
    loud = Connection({"bootstrap.servers": "a:1", "debug": "all"})
    assert "log_level" not in client_properties(loud, watch)
