"""`cordwood group forget`: single offsets of a group are deleted, and it stays."""

from __future__ import annotations

import json

import pytest

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.options import connection_of
from cordwood.cli.group.asking import committed_offsets
from cordwood.testing import Server
from tests.cli.group.conftest import commit
from tests.cli.running import run


def offsets(server: Server, group: str) -> object:
    kafka = Cluster(connection_of(server.bootstrap_servers, {}, {}, 10.0, {}))
    return committed_offsets(kafka, [group])[group]


@pytest.fixture
def forgetful(groups: Server) -> Server:
    """A group `forgetful` with three offsets."""
    commit(groups, "forgetful", {("orders", 0): 3, ("orders", 1): 4, ("bills", 0): 9})
    return groups


def test_offsets_are_deleted(forgetful: Server) -> None:
    done = run(forgetful, "group", "forget", "forgetful", "-t", "orders:1", "-t", "bills")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "TOPIC   PARTITION  OLD  DELETED",
        "bills           0    9  yes",
        "orders          1    4  yes",
    ]
    assert offsets(forgetful, "forgetful") == {("orders", 0): 3}


def test_a_dry_run(forgetful: Server) -> None:
    done = run(forgetful, "group", "forget", "forgetful", "-t", "orders:0", "--dry-run", "-o", "json")
    assert (done.exit_code, done.stderr) == (0, "dry run: nothing was deleted\n")
    assert json.loads(done.stdout) == [
        {"group": "forgetful", "topic": "orders", "partition": 0, "old": 3, "deleted": False}
    ]
    assert len(offsets(forgetful, "forgetful")) == 3  # type: ignore[arg-type]


def test_topics_that_members_read_are_left_alone(groups: Server, reading: str) -> None:
    commit(groups, "forgetful", {("orders", 0): 3})
    done = run(groups, "group", "forget", "readers", "-t", "orders")
    assert done.exit_code == 1
    assert done.stderr.startswith("error: orders-0: ")
    assert "GROUP_SUBSCRIBED_TO_TOPIC" in done.stderr
    assert done.stdout.splitlines()[1].split() == ["orders", "0", "1", "no"]
    assert offsets(groups, "readers") == {("orders", 0): 1}


def test_people_are_asked(forgetful: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def disagree(question: str, *, yes: bool) -> None:
        asked.append(question)
        raise SystemExit(1)

    monkeypatch.setattr("cordwood.cli.group.forgetting.confirm", disagree)
    assert run(forgetful, "group", "forget", "forgetful", "-t", "orders").exit_code == 1
    assert asked == ["Delete 2 committed offsets of group forgetful?"]
    assert len(offsets(forgetful, "forgetful")) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nobody", "-t", "orders"], 3, "there is no group nobody"),
        (["forgetful", "-t", "payments"], 3, "group forgetful has no offsets there"),
        (["forgetful", "-t", "bills:7"], 3, "group forgetful has no offsets there"),
        (["forgetful"], 2, "Missing option"),
    ],
)
def test_what_cannot_be_done(forgetful: Server, arguments: list[str], code: int, words: str) -> None:
    done = run(forgetful, "group", "forget", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr
