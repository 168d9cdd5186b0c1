"""`consume` and `produce` together: what goes out comes in again, in this process and through real pipes."""

from __future__ import annotations

import itertools
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordwood.cli.records.message import Outgoing
from tests.cli.broker_process import BrokerProcess
from tests.cli.records.broker_kit import contents, fill, make_topic, values
from tests.cli.records.kit import DATA, HEADERS
from tests.cli.running import run

CORDWOOD = [sys.executable, "-m", "cordwood"]
NOW_MS = 1_700_000_000_000
BINARY = "%p{big32}%T{big64}%K{big32}%k%R%s%H{big16}%h{%K{big32}%k%V{big32}%v}"
records = st.builds(Outgoing, DATA, DATA, HEADERS.map(tuple), st.integers(0, 1), st.integers(1, NOW_MS) | st.just(-1))
numbers = itertools.count()


@pytest.fixture(scope="module")
def broker(server):
    """The broker of this file, as hypothesis wants it: for all examples the same."""
    return server


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["-o", "jsonl"], ["-i", "jsonl", "--keep-partition"]),
        (["-o", "json", "--key", "base64", "--value", "hex"], ["-i", "json", "--keep-partition"]),
        (["-f", BINARY], ["-f", BINARY]),
    ],
)
@given(st.lists(records, max_size=12))
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_topic_is_copied_without_loss(broker, written, read, copied):
    number = next(numbers)
    source, target = (make_topic(broker, f"{name}-{number}", 2) for name in ("source", "target"))
    fill(broker, source, copied)
    out = run(broker, "consume", source, "-e", *written)
    into = run(broker, "produce", target, "--no-idempotence", *read, stdin=out.stdout_bytes)
    assert (out.exit_code, into.exit_code) == (0, 0), out.stderr + into.stderr
    assert contents(broker, target, 2) == contents(broker, source, 2)


def pipe(*commands, **options):
    """Processes of which each reads what the one before writes; returns the last one's output and all exit codes."""
    started = []
    for command in commands:
        source = started[-1].stdout if started else subprocess.DEVNULL
        started.append(
            subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        )
        if len(started) > 1:
            started[-2].stdout.close()
    output, _ = started[-1].communicate(timeout=60)
    errors = [process.stderr.read() for process in started[:-1]]
    return output, [process.wait(timeout=60) for process in started], errors


def cordwood(server, *arguments):
    return [*CORDWOOD, *arguments, "-b", server.bootstrap_servers]


def test_a_topic_is_copied_through_a_pipe(server):
    source, target = make_topic(server, "through", 2), make_topic(server, "through-again", 2)
    copied = [
        Outgoing(b"k%d" % number, bytes([number % 256]) * number, (("h", None), ("h", b"\xff")), number % 2, 1 + number)
        for number in range(3000)
    ]
    fill(server, source, copied)
    output, codes, errors = pipe(
        cordwood(server, "consume", source, "-e", "-o", "jsonl"),
        cordwood(server, "produce", target, "-i", "jsonl", "--keep-partition", "-o", "jsonl"),
    )
    assert (codes, errors) == ([0, 0], [b""])
    assert len(output.splitlines()) == 3000
    assert contents(server, target, 2) == contents(server, source, 2)


def test_a_reader_may_leave_before_the_end(server):
    topic = make_topic(server, "left")
    fill(server, topic, values(*(str(number) * 100 for number in range(20_000))))
    output, codes, errors = pipe(cordwood(server, "consume", topic, "-f", r"%v\n"), ["head", "-1"])
    assert (output, codes, errors) == (b"0" * 100 + b"\n", [0, 0], [b""])


def test_who_follows_ends_well_by_ctrl_c(server):
    topic = make_topic(server, "followed")
    fill(server, topic, values("first"))
    command = cordwood(server, "consume", topic, "-f", r"%v\n")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"first\n"
        fill(server, topic, values("second"))
        assert process.stdout.readline() == b"second\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == (b"", b"")
        assert process.returncode == 0


def test_who_waits_for_so_many_is_told_how_many_came(server):
    topic = make_topic(server, "awaited")
    fill(server, topic, values("first"))
    command = cordwood(server, "consume", topic, "-n", "5", "-o", "json")
    with subprocess.Popen(command, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        begun = process.stdout.readline() + process.stdout.read(10)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"interrupted after 1 records\n")
    assert [record["value"] for record in json.loads(begun + output)] == ["first"]


def test_what_was_read_before_ctrl_c_is_written(server):
    topic = make_topic(server, "typed")
    command = cordwood(server, "produce", topic, "-o", "jsonl")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(b"one\nhalf of a li")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["offset"] == 0
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        assert process.returncode == 130
        assert process.stderr.read() == b"interrupted: 1 records are written, 0 are not\n"
    assert [record.value for record in contents(server, topic)] == [b"one"]


@pytest.fixture
def terminal():
    """The two ends of a terminal: what is read from the first was written to the second."""
    ends = pty.openpty()
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


def test_who_follows_at_a_terminal_is_told_how_to_end_it(server, terminal):
    topic = make_topic(server, "watched")
    fill(server, topic, values("first"))
    command = cordwood(server, "consume", topic, "-f", r"%v\n")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal[1]) as process:
        assert os.read(terminal[0], 100) == b"following; Ctrl-C ends it\r\n"
        assert process.stdout.readline() == b"first\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


def test_progress_shows_at_a_terminal_where_the_end_is_known(server, terminal):
    topic = make_topic(server, "shown")
    fill(server, topic, values(*map(str, range(100))))
    command = cordwood(server, "consume", topic, "-e", "-f", r"%v\n")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal[1], timeout=60, check=True)
    assert len(done.stdout.split()) == 100
    assert b"consuming" in os.read(terminal[0], 1000)


def test_a_broker_that_dies_while_records_are_sent(tmp_path):
    with BrokerProcess(tmp_path, "--listen", "127.0.0.1:0") as broker:
        connection = ["-b", f"127.0.0.1:{broker.port()}", "--timeout", "3"]
        command = [*CORDWOOD, "produce", "orders", "--create", "--no-idempotence", "-o", "jsonl", *connection]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            process.stdin.write(b"one\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["error"] is None
            broker.process.kill()
            broker.process.wait()
            told, errors = process.communicate(b"two\nthree\n", timeout=60)
    assert (process.returncode, errors) == (6, b"error: 2 of 3 records failed: Message timed out\n")
    assert [json.loads(line)["record"] for line in told.splitlines()] == [2, 3]


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed")
@pytest.mark.parametrize("layout", [r"%t %p %o [%k] [%s] %S %K %T {%h} %%\n", "%R%s", r"\x41\t%k\r\n"])
def test_format_strings_beside_kcat(server, layout):
    topic = make_topic(server, f"kcat-{next(numbers)}")
    headers = (("h", b"1"), ("h", None), ("i", b""))
    fill(
        server,
        topic,
        [Outgoing(b"k", b"v", headers), Outgoing(None, None), Outgoing(b"", b""), Outgoing(None, b"\0\xff")],
    )
    theirs = ["kcat", "-q", "-C", "-e", "-t", topic, "-b", server.bootstrap_servers, "-f", layout]
    shown = subprocess.run(theirs, stdout=subprocess.PIPE, timeout=60, check=True).stdout
    assert run(server, "consume", topic, "-e", "-f", layout).stdout_bytes == shown
