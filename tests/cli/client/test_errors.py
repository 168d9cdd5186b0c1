"""What errors of Kafka mean for people and for programs."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException

from cordwood.cli.client.errors import EXITS, Unreachable, error_of, exit_of, failures_told, words_of
from cordwood.cli.client.options import Connection
from cordwood.cli.terminal.exits import Exit
from cordwood.model.errors import LogClosed

SILENCE = (
    "nobody answers at a:1: no answer came in time (--timeout); is a broker running there? -b HOST:PORT names another, "
    "`cordwood doctor` looks closer"
)
CLOSED = (
    "b:2 does not let us in: bad password; say how by -X security.protocol=..., -X sasl.mechanism=... and the like, "
    "or in a file by -F"
)
HERE = Connection({"bootstrap.servers": "a:1"})


def test_every_name_is_one_of_the_library():
    assert [name for name in EXITS if not hasattr(KafkaError, name)] == []


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (KafkaError.UNKNOWN_TOPIC_OR_PART, 3),
        (KafkaError.GROUP_ID_NOT_FOUND, 3),
        (KafkaError._UNKNOWN_TOPIC, 3),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, 4),
        (KafkaError._AUTHENTICATION, 4),
        (KafkaError._SSL, 4),
        (KafkaError._TRANSPORT, 5),
        (KafkaError._ALL_BROKERS_DOWN, 5),
        (KafkaError._TIMED_OUT, 5),
        (KafkaError._INVALID_ARG, 2),
        (KafkaError.TOPIC_ALREADY_EXISTS, 1),
        (KafkaError.REQUEST_TIMED_OUT, 1),
    ],
)
def test_codes(code, wanted):
    assert exit_of(KafkaError(code)) == wanted


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("ssl://a:1/bootstrap: SSL handshake failed: no", Exit.AUTH),
        (
            "ssl://a:1/bootstrap: Disconnected: SSL connection closed by peer (after 1ms in state SSL_HANDSHAKE)",
            Exit.AUTH,
        ),
        ("sasl://a:1/bootstrap: Disconnected (after 1ms in state AUTH_REQ)", Exit.AUTH),
        ("ssl://a:1/bootstrap: Connection refused (after 1ms in state CONNECT)", Exit.CONNECT),
    ],
)
def test_who_is_cut_off_while_getting_in_is_not_let_in(words, wanted):
    assert exit_of(KafkaError(KafkaError._TRANSPORT, words)) is wanted


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART), "Unknown topic or partition (UNKNOWN_TOPIC_OR_PART)"),
        (KafkaError(KafkaError.INVALID_CONFIG, "no such setting."), "no such setting (INVALID_CONFIG)"),
        (
            KafkaError(
                KafkaError._TRANSPORT,
                "a:1/bootstrap: Connect to ipv4#1.2.3.4:1 failed: Connection refused (after 0ms in state CONNECT)",
            ),
            "Connect to ipv4#1.2.3.4:1 failed: Connection refused",
        ),
        (KafkaError(KafkaError._TIMED_OUT, "Failed while waiting"), "no answer came in time (--timeout)"),
        (
            KafkaError(KafkaError._BAD_MSG, "a:1/7: Receive failed: Invalid response size 12 (0..1): increase it"),
            "what answers there is no Kafka broker, or one that wants TLS (-X security.protocol=SSL)",
        ),
    ],
)
def test_words(error, words):
    assert words_of(error) == words


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (KafkaException(KafkaError(KafkaError.INVALID_CONFIG, "no")), 1, "error: no (INVALID_CONFIG)\n"),
        (
            KafkaException(KafkaError(KafkaError._TIMED_OUT)),
            5,
            f"error: {SILENCE}\n",
        ),
        (
            Unreachable("b:2", "bad password", Exit.AUTH),
            4,
            f"error: {CLOSED}\n",
        ),
        (LogClosed("here"), 1, "error: the log in here is closed\n"),
    ],
)
def test_failures_are_told_in_a_line(capsys, raised, code, words):
    with pytest.raises(SystemExit) as ended, failures_told(HERE):
        raise raised
    assert ended.value.code == code
    assert capsys.readouterr() == ("", words)


def test_other_errors_stay():
    with pytest.raises(ZeroDivisionError), failures_told(HERE):
        raise ZeroDivisionError


def test_the_error_of_an_exception():
    error = KafkaError(KafkaError.INVALID_CONFIG)
    assert error_of(KafkaException(error)) is error
