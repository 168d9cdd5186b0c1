"""`cordwood consume`: its table, its JSON, its ranges, its errors and exit codes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cordwood.cli.main import main
from cordwood.cli.records.message import Outgoing
from tests.cli.records.broker_kit import append_transaction, fill, make_topic, values
from tests.cli.running import run

TIME = 1_700_000_000_123


@pytest.fixture(scope="module")
def orders(server):
    """A topic of three partitions: five records, two records, none."""
    topic = make_topic(server, "orders", 3)
    fill(
        server,
        topic,
        [
            Outgoing(b"k", b"a", (("h", b"1"), ("h", None)), 0, TIME),
            Outgoing(None, b"b", (), 0, TIME + 1),
            Outgoing(b"", None, (), 0, TIME + 2),
            Outgoing(None, b"\xff", (), 0, TIME + 3),
            Outgoing(None, b'{"n": 1}', (), 0, TIME + 4),
            Outgoing(None, b"x", (), 1, TIME + 1000),
            Outgoing(None, b"y", (), 1, TIME + 2000),
        ],
    )
    return topic


def offsets(server, *arguments):
    """Which records come, as partition and offset, in the order of partitions."""
    done = run(server, "consume", "orders", "-f", r"%p:%o\n", *arguments)
    assert (done.exit_code, done.stderr) == (0, ""), done.stderr
    return sorted(done.stdout.split())


def test_the_table(server, orders):
    done = run(server, "consume", orders, "-p", "0", "-e")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "PARTITION    OFFSET  TIMESTAMP                 KEY               VALUE  HEADERS",
        "        0         0  2023-11-14T22:13:20.123Z  k                 a  h=1,h=-",
        "        0         1  2023-11-14T22:13:20.124Z  -                 b",
        "        0         2  2023-11-14T22:13:20.125Z                    -",
        r"        0         3  2023-11-14T22:13:20.126Z  -                 \xff",
        '        0         4  2023-11-14T22:13:20.127Z  -                 {"n": 1}',
    ]


def test_json(server, orders):
    done = run(server, "consume", orders, "-p", "0", "-O", "0:1", "-o", "json")
    assert json.loads(done.stdout) == [
        {
            "topic": "orders",
            "partition": 0,
            "offset": 0,
            "timestamp_ms": TIME,
            "timestamp_type": "create",
            "leader_epoch": 0,
            "key": "k",
            "value": "a",
            "headers": [{"key": "h", "value": "1"}, {"key": "h", "value": None}],
        }
    ]


def test_json_lines_and_decoders(server, orders):
    done = run(server, "consume", orders, "-p", "0", "-e", "-o", "jsonl", "--key", "hex", "--value", "json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line.get("key_hex", "") for line in lines] == ["6b", "", "", "", ""]
    assert [line.get("value", line.get("value_base64")) for line in lines] == ["a", "b", None, "/w==", {"n": 1}]


def test_yaml(server, orders):
    assert "value: a\n" in run(server, "consume", orders, "-n", "1", "-p", "0", "-o", "yaml").stdout


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["-e"], ["0:0", "0:1", "0:2", "0:3", "0:4", "1:0", "1:1"]),
        (["-e", "-p", "1,2"], ["1:0", "1:1"]),
        (["-e", "-p", "1", "-p", "2"], ["1:0", "1:1"]),
        (["-e", "-O", "-1"], ["0:4", "1:1"]),
        (["-e", "-O", "end"], []),
        (["-e", "-O", "1"], ["0:1", "0:2", "0:3", "0:4", "1:1"]),
        (["-O", "1:3"], ["0:1", "0:2", "1:1"]),
        (["-O", ":1"], ["0:0", "1:0"]),
        (["-O", "3:99"], ["0:3", "0:4"]),
        (["-O", "90:99"], []),
        (["-O", "-2:-1"], ["0:3", "1:0"]),
        (["-O", f"@{TIME + 3}:end"], ["0:3", "0:4", "1:0", "1:1"]),
        (["-O", f"@{TIME + 1}:{TIME + 2000}"], ["0:1", "0:2", "0:3", "0:4", "1:0"]),
        (["-O", "@2023-11-14T22:13:20.124Z:2023-11-14T22:13:20.126Z"], ["0:1", "0:2"]),
        (["-n", "2", "-p", "0"], ["0:0", "0:1"]),
        (["-n", "9", "-e", "-p", "1"], ["1:0", "1:1"]),
        (["-O", "1:3", "-n", "1", "-p", "0", "--follow"], ["0:1"]),
    ],
)
@pytest.mark.usefixtures("orders")
def test_exact_ranges(server, arguments, found):
    assert offsets(server, *arguments) == found


def test_the_last_one_of_several_topics(server, orders):
    make_topic(server, "orders-late")
    fill(server, "orders-late", values("z"))
    done = run(server, "consume", "^orders", "-e", "-O", "-1", "-f", r"%t:%o:%s\n")
    assert sorted(done.stdout.splitlines()) == ["orders-late:0:z", "orders:1:y", 'orders:4:{"n": 1}']
    table = run(server, "consume", orders, "orders-late", "-e", "-O", "-1", "-p", "0").stdout
    assert table.startswith("TOPIC ")


def test_internal_topics_are_only_meant_by_their_underscores(server):
    make_topic(server, "__hidden")
    done = run(server, "consume", "^.*hidden", "-e")
    assert (done.exit_code, done.stderr) == (3, "error: no topic matches ^.*hidden\n")
    assert run(server, "consume", "^__hid", "-e", "-f", "%v").exit_code == 0


# Transactions.


@pytest.mark.parametrize("commits", [True, False])
def test_markers_at_the_end_are_passed_over(server, commits):
    topic = make_topic(server, f"closed-{commits}")
    fill(server, topic, values("a"))
    append_transaction(server, topic, ["b", "c"], commits=commits, name=topic)
    shown = ["a", "b", "c"] if commits else ["a"]
    for arguments in (["-e"], ["-O", "0:4"], ["-O", "0:99"], ["-O", "-4:end"]):
        assert run(server, "consume", topic, "-f", r"%s\n", *arguments).stdout.split() == shown
    everything = run(server, "consume", topic, "-f", r"%s\n", "-e", "--isolation", "read_uncommitted")
    assert everything.stdout.split() == ["a", "b", "c"]


def test_an_open_transaction_is_the_end_for_readers_of_what_is_committed(server):
    topic = make_topic(server, "open")
    fill(server, topic, values("a"))
    producer = append_transaction(server, topic, ["b"], commits=None, name="open")
    assert run(server, "consume", topic, "-e", "-f", "%s").stdout == "a"
    assert run(server, "consume", topic, "-e", "-f", "%s", "--isolation", "read_uncommitted").stdout == "ab"
    producer.abort_transaction(30)


# What is gone.


def test_offsets_that_are_gone_are_told(server):
    topic = make_topic(server, "trimmed")
    fill(server, topic, values("a", "b", "c"))
    assert run(server, "topic", "trim", topic, "--before", "2", "--yes").exit_code == 0
    done = run(server, "consume", topic, "-e", "-O", "1", "-f", "%s")
    assert (done.exit_code, done.stdout) == (0, "c")
    assert done.stderr == "warning: trimmed-0: offset 1 is gone; the first that is there is 2\n"


# Groups.


def test_a_group_goes_on_where_it_was(server):
    topic = make_topic(server, "grouped", 2)
    fill(server, topic, [*values("a", "b", "c"), *values("x", partition=1)])
    first = run(server, "consume", topic, "-g", "readers", "-n", "2", "-f", r"%p%s\n")
    rest = run(server, "consume", topic, "-g", "readers", "-e", "-f", r"%p%s\n")
    assert (first.exit_code, rest.exit_code) == (0, 0), first.stderr + rest.stderr
    assert len(first.stdout.split()) == 2
    assert sorted((first.stdout + rest.stdout).split()) == ["0a", "0b", "0c", "1x"]
    assert run(server, "consume", topic, "-g", "readers", "-e", "-f", r"%p%s\n").stdout == ""


def test_a_new_group_may_begin_at_the_end(server):
    topic = make_topic(server, "late")
    fill(server, topic, values("a"))
    done = run(server, "consume", topic, "-g", "late", "-O", "end", "-e", "-f", "%s")
    assert (done.exit_code, done.stdout) == (0, "")


# What is wrong.


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["nowhere"], 3, "error: there is no topic nowhere; `cordwood topic list` shows those there are"),
        (["nowhere", "-g", "g"], 3, "error: there is no topic nowhere; `cordwood topic list` shows those there are"),
        (["orders", "-p", "0,7"], 3, "error: orders has no partition 7: it has 3, from 0 on"),
        (["^nothing"], 3, "error: no topic matches ^nothing"),
        (["^("], 2, "'^(' is no regular expression"),
        (["orders", "-O", "soon"], 2, "'soon' is no offset"),
        (["orders", "-p", "x"], 2, "'x' are no partitions: write 0,1,2"),
        (["orders", "-f", "%v %z"], 2, "(character 4 of the format)"),
        (["orders", "-e", "--follow"], 2, "--exit and --follow do not go together"),
        (["orders", "-f", "%v", "-o", "json"], 2, "--format and --output do not go together"),
        (["orders", "-f", "%v", "--value", "hex"], 2, "--format and --value do not go together"),
        (["orders", "-f", "%v", "--key", "hex"], 2, "--format and --key do not go together"),
        (["orders", "-g", "g", "-p", "0"], 2, "--group and --partition do not go together"),
        (["orders", "-g", "g", "-O", "5"], 2, "a group goes on where it is"),
        (["orders", "-X", "isolation.level=x", "-e"], 2, "isolation.level"),
        ([], 2, "Missing argument 'TOPIC...'"),
    ],
)
@pytest.mark.usefixtures("orders")
def test_what_is_wrong_is_told(server, arguments, code, error):
    done = run(server, "consume", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert error in done.stderr


def test_nobody_there():
    done = CliRunner().invoke(main, ["consume", "orders", "-b", "127.0.0.1:1"])
    assert done.exit_code == 5
    assert done.stderr.startswith("error: nobody answers at 127.0.0.1:1: ")
