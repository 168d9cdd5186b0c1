"""`cordwood topic delete`."""

from __future__ import annotations

import pytest

from cordwood.cli.terminal import arguments
from cordwood.cli.topic.deleting import listed
from tests.cli.running import run, run_json
from tests.cli.topic.kit import create


def names(server):
    return [row["topic"] for row in run_json(server, "topic", "list", "--internal")]


def test_the_table(server):
    create(server, "a", "b")
    done = run(server, "topic", "delete", "a", "b")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "TOPIC  STATUS\na      deleted\nb      deleted\n", "")
    assert names(server) == []


def test_the_fields(server):
    create(server, "a")
    assert run_json(server, "topic", "delete", "a", "b", "--if-exists") == [
        {"topic": "a", "status": "deleted", "dry_run": False},
        {"topic": "b", "status": "absent", "dry_run": False},
    ]


def test_what_is_not_there(server):
    done = run(server, "topic", "delete", "none")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "error: none: Unknown topic or partition (UNKNOWN_TOPIC_OR_PART)\n"
    create(server, "a")
    done = run(server, "topic", "delete", "none", "a")
    assert (done.exit_code, done.stdout) == (6, "TOPIC  STATUS\na      deleted\n")


def test_a_dry_run_deletes_nothing(server):
    create(server, "a", "ab", "b", "__consumer_offsets")
    done = run(server, "topic", "delete", "--regex", ".*a.*|__.*", "--dry-run")
    assert (done.exit_code, done.stdout) == (0, "TOPIC  STATUS\na      would be deleted\nab     would be deleted\n")
    assert names(server) == ["__consumer_offsets", "a", "ab", "b"]


def test_patterns_are_regular_expressions_and_said_to_be(server):
    done = run(server, "topic", "delete", "a*")
    assert done.exit_code == 2
    assert "a* is no name of a topic; to delete by a pattern, give --regex" in done.stderr
    done = run(server, "topic", "delete", "--regex", "a.?")
    assert done.exit_code == 0
    assert names(server) == ["__consumer_offsets", "b"]
    done = run(server, "topic", "delete", "--regex", "a.?")
    assert (done.exit_code, done.stderr) == (3, "error: no topic fits a.?\n")
    assert run(server, "topic", "delete", "--regex", "[").exit_code == 2


@pytest.mark.parametrize(("answer", "code", "left"), [("n\n", 1, ["asked"]), ("y\n", 0, [])])
def test_a_person_is_asked(server, monkeypatch, answer, code, left):
    create(server, "asked", "--if-not-exists")
    monkeypatch.setattr(arguments, "can_answer", lambda: True)
    done = run(server, "topic", "delete", "asked", stdin=answer)
    assert done.exit_code == code
    assert "delete the topic asked with everything in it? [y/N]: " in done.stderr
    assert [name for name in names(server) if name == "asked"] == left


def test_the_question_names_what_is_few():
    assert listed(["a"]) == "the topic a"
    assert listed(["a", "b"]) == "the topics a, b"
    assert listed(list("abcdef")) == "6 topics"
