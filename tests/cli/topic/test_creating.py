"""`cordwood topic create`."""

from __future__ import annotations

from tests.cli.running import run, run_json


def test_the_table_and_what_is_created(server):
    done = run(server, "topic", "create", "a", "b", "-p", "3", "-r", "1", "-c", "retention.ms=5", "-c", "flush.ms=7")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "TOPIC  STATUS\na      created\nb      created\n"
    assert [row["partitions"] for row in run_json(server, "topic", "list", "a", "b")] == [3, 3]
    configs = run_json(server, "topic", "config", "a")
    assert {one["name"]: one["value"] for one in configs} == {"retention.ms": "5", "flush.ms": "7"}


def test_the_fields_and_the_defaults_of_the_broker(server):
    assert run_json(server, "topic", "create", "c") == [{"topic": "c", "status": "created", "dry_run": False}]
    (row,) = run_json(server, "topic", "list", "c")
    assert (row["partitions"], row["replication_factor"]) == (1, 1)


def test_a_dry_run_creates_nothing(server):
    for flag in ("--dry-run", "--validate-only"):
        done = run(server, "topic", "create", "d", flag)
        assert (done.exit_code, done.stdout) == (0, "TOPIC  STATUS\nd      would be created\n")
    assert run_json(server, "topic", "list", "d") == []
    done = run(server, "topic", "create", "d", "--dry-run", "-c", "retention.ms=soon")
    assert done.exit_code == 1
    assert "retention.ms" in done.stderr


def test_what_is_there_already(server):
    run(server, "topic", "create", "e")
    done = run(server, "topic", "create", "e")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: e: ")
    assert done.stderr.endswith("(TOPIC_ALREADY_EXISTS)\n")
    done = run(server, "topic", "create", "e", "f", "--if-not-exists")
    assert (done.exit_code, done.stdout) == (0, "TOPIC  STATUS\ne      exists\nf      created\n")


def test_some_of_several(server):
    done = run(server, "topic", "create", "g", "no/name")
    assert (done.exit_code, done.stdout) == (6, "TOPIC  STATUS\ng      created\n")
    assert done.stderr.startswith("error: no/name: ")


def test_wrong_usage(server):
    for arguments in ([], ["x", "-p", "0"], ["x", "-c", "retention.ms"]):
        assert run(server, "topic", "create", *arguments).exit_code == 2
