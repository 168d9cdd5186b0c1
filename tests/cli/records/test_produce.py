"""`cordwood produce`: its forms of input, its table, its JSON, its errors and exit codes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cordwood.cli.main import main
from cordwood.cli.records.message import Outgoing
from tests.cli import running
from tests.cli.records.broker_kit import contents, make_topic


def run(server, command, *arguments, stdin):
    """Runs the command without the half second that librdkafka waits for a producer's id."""
    promises = [] if {"--acks", "--idempotence"}.intersection(arguments) else ["--no-idempotence"]
    return running.run(server, command, *arguments, *promises, stdin=stdin)


@pytest.fixture
def topic(server, request):
    """An empty topic of two partitions."""
    return make_topic(server, f"t{abs(hash(request.node.name))}", 2)


def without_time(record):
    return Outgoing(record.key, record.value, record.headers)


def produced(server, topic, stdin, *arguments):
    """The records that a command appends."""
    done = run(server, "produce", topic, *arguments, stdin=stdin)
    assert (done.exit_code, done.stderr) == (0, ""), done.stderr
    return [without_time(record) for record in contents(server, topic, 2)]


@pytest.mark.parametrize(
    ("stdin", "arguments", "records"),
    [
        ("a\n\nb", [], [Outgoing(None, b"a"), Outgoing(None, b""), Outgoing(None, b"b")]),
        ("a\n\n", ["-Z"], [Outgoing(None, b"a"), Outgoing(None, None)]),
        ("k:v\nw\n", ["-K", ":", "-k", "key"], [Outgoing(b"k", b"v"), Outgoing(b"key", b"w")]),
        ("k\tv\n", ["-K", r"\t"], [Outgoing(b"k", b"v")]),
        ("a\n", ["-H", "x=1", "-H", "x=", "-H", "y"], [Outgoing(None, b"a", (("x", b"1"), ("x", b""), ("y", None)))]),
        ("a\nb\n", ["-i", "bytes"], [Outgoing(None, b"a\nb\n")]),
        ('{"value":"a"}\n{"key":"k","value":null}', ["-i", "jsonl"], [Outgoing(None, b"a"), Outgoing(b"k", None)]),
        ('[{"value":"a"},\n{"value_hex":"ff"}]', ["-i", "json"], [Outgoing(None, b"a"), Outgoing(None, b"\xff")]),
        ("k v\nk2 v2\n", ["-f", r"%k %v\n"], [Outgoing(b"k", b"v"), Outgoing(b"k2", b"v2")]),
        ("", [], []),
    ],
)
def test_forms_of_input(server, topic, stdin, arguments, records):
    assert produced(server, topic, stdin, "-p", "0", *arguments) == records


def test_the_table(server, topic):
    done = run(server, "produce", topic, "-p", "1", stdin="a\nb\n")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["PARTITION  RECORDS  FIRST  LAST", "        1        2      0     1"]


@pytest.mark.parametrize("output", ["json", "jsonl"])
def test_what_programs_are_told(server, topic, output):
    done = run(server, "produce", topic, "-p", "1", "-o", output, stdin="a\nb\n")
    told = json.loads(done.stdout) if output == "json" else [json.loads(line) for line in done.stdout.splitlines()]
    assert told == [
        {"record": 1, "topic": topic, "partition": 1, "offset": 0, "error": None},
        {"record": 2, "topic": topic, "partition": 1, "offset": 1, "error": None},
    ]


def test_files_one_after_the_other(server, topic, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"{name}1\n{name}2")
    records = produced(server, topic, "in\n", "-p", "0", str(tmp_path / "a"), "-", str(tmp_path / "b"))
    assert [record.value for record in records] == [b"a1", b"a2", b"in", b"b1", b"b2"]


def test_times(server, topic):
    line = '{"value":"a","timestamp_ms":5}\n'
    for arguments in ([], ["--timestamp", "2020-01-01"]):
        run(server, "produce", topic, "-i", "jsonl", "-p", "0", *arguments, stdin=line)
    assert [record.timestamp_ms for record in contents(server, topic, 2)] == [5, 1_577_836_800_000]


def test_partitions_are_only_kept_if_asked_for(server, topic):
    line = '{"value":"a","partition":1}\n'
    assert run(server, "produce", topic, "-i", "jsonl", "-p", "0", stdin=line).exit_code == 0
    assert run(server, "produce", topic, "-i", "jsonl", "-p", "0", "--keep-partition", stdin=line).exit_code == 0
    assert [record.partition for record in contents(server, topic, 2)] == [0, 1]


def test_keys_go_where_those_of_java_go(server, topic):
    """Murmur2 of `key` modulo 2 is 1, that of `a` is 0, as Java's default partitioner has it."""
    run(server, "produce", topic, "-K", ":", stdin="key:v\na:v\n")
    assert {record.key: record.partition for record in contents(server, topic, 2)} == {b"key": 1, b"a": 0}


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_compression(server, topic, codec):
    assert [record.value for record in produced(server, topic, "a\nb\n", "-z", codec, "-p", "0")] == [b"a", b"b"]


@pytest.mark.parametrize("arguments", [["--acks", "0"], ["--acks", "1"], ["--acks", "all"], ["--idempotence"]])
def test_promises(server, topic, arguments):
    done = run(server, "produce", topic, "-p", "0", *arguments, stdin="a\n")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].split()[:2] == ["0", "1"]


def test_a_topic_is_made_only_if_asked_for(server):
    assert run(server, "produce", "made", stdin="a\n").exit_code == 3
    done = run(server, "produce", "made", "--create", stdin="a\n")
    assert (done.exit_code, done.stderr) == (0, "")
    assert run(server, "produce", "made", "--create", stdin="b\n").exit_code == 0
    assert [record.value for record in contents(server, "made")] == [b"a", b"b"]


# What is wrong.


def test_some_are_written_and_some_are_not(server, topic):
    lines = "".join(json.dumps({"value": "v", "partition": number}) + "\n" for number in (0, 7, 1))
    done = run(server, "produce", topic, "-i", "jsonl", "--keep-partition", "-o", "jsonl", stdin=lines)
    assert done.exit_code == 6
    assert done.stderr == "error: 1 of 3 records failed: Unknown partition\n"
    errors = {told["record"]: told["error"] for told in map(json.loads, done.stdout.splitlines())}
    assert errors == {1: None, 2: "Unknown partition", 3: None}


def test_none_is_written(server, topic):
    done = run(server, "produce", topic, "-i", "jsonl", stdin='{"value":"v","timestamp_ms":0}')
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "error: 1 of 1 records failed: a timestamp of 0 cannot be sent: librdkafka takes it for now\n"


@pytest.mark.parametrize(("good", "code"), [("", 1), ('{"value":"v"}\n', 6)])
def test_input_that_is_not_what_was_said(server, topic, good, code):
    done = run(server, "produce", topic, "-i", "jsonl", stdin=good + "{]")
    assert done.exit_code == code
    number = 2 if good else 1
    assert done.stderr.startswith(f"error: standard input, record {number}: this is no record: ")


def test_nothing_is_sent_after_a_file_that_is_not_what_was_said(server, topic, tmp_path):
    (tmp_path / "bad").write_text("{")
    (tmp_path / "good").write_text('{"value":"v"}')
    done = run(server, "produce", topic, str(tmp_path / "bad"), str(tmp_path / "good"), "-i", "jsonl", stdin="")
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"error: {tmp_path / 'bad'}, record 1: this is no record" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (
            ["nowhere"],
            3,
            "error: there is no topic nowhere; `cordwood topic list` shows those there are; --create makes it",
        ),
        (["TOPIC", "-p", "7"], 3, "has no partition 7: it has 2, from 0 on"),
        (["TOPIC", "/no/such/file"], 3, "error: there is no /no/such/file"),
        (["TOPIC", "/"], 1, "error: / cannot be read: Is a directory"),
        (["TOPIC", "-f", "%z"], 2, "there is no field %z"),
        (["TOPIC", "-f", "%v", "-i", "text"], 2, "--format goes neither with --input nor with --key-delimiter"),
        (["TOPIC", "-i", "jsonl", "-K", ":"], 2, "--key-delimiter does not go with --input jsonl"),
        (["TOPIC", "--keep-partition"], 2, "--keep-partition is for --input json and jsonl"),
        (["TOPIC", "--acks", "1", "--idempotence"], 2, "--idempotence needs --acks all, not 1"),
        (["TOPIC", "-K", r"\q"], 2, r"there is no escape \q"),
        (["TOPIC", "--timestamp", "soon"], 2, "'soon' is no time"),
        (["TOPIC", "-z", "zip"], 2, "'zip' is not one of"),
        ([], 2, "Missing argument 'TOPIC'"),
    ],
)
def test_what_is_wrong_is_told(server, topic, arguments, code, error):
    done = run(server, "produce", *[topic if argument == "TOPIC" else argument for argument in arguments], stdin="a\n")
    assert (done.exit_code, done.stdout) == (code, "")
    assert error in done.stderr


def test_nobody_there():
    done = CliRunner().invoke(main, ["produce", "orders", "-b", "127.0.0.1:1"], input="a\n")
    assert done.exit_code == 5
    assert done.stderr.startswith("error: nobody answers at 127.0.0.1:1: ")
