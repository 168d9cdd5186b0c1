"""`cordwood group delete`: what it deletes, and what it leaves."""

from __future__ import annotations

import json

import pytest

from cordwood.testing import Server
from tests.cli.group.conftest import commit
from tests.cli.running import run, run_json


@pytest.fixture
def leaver(groups: Server) -> Server:
    """There is a group `leaver`."""
    commit(groups, "leaver", {("orders", 0): 3})
    return groups


def there(server: Server) -> list[str]:
    return [row["group"] for row in run_json(server, "group", "list")]


def test_a_group_is_deleted(leaver: Server) -> None:
    done = run(leaver, "group", "delete", "leaver")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "GROUP   STATE  DELETED",
        "leaver  Empty  yes",
    ]
    assert there(leaver) == ["audit", "billing"]


def test_a_dry_run(leaver: Server) -> None:
    done = run(leaver, "group", "delete", "leaver", "--dry-run", "-o", "json")
    assert (done.exit_code, done.stderr) == (0, "dry run: nothing was deleted\n")
    assert json.loads(done.stdout) == [{"group": "leaver", "state": "Empty", "deleted": False}]
    assert "leaver" in there(leaver)


def test_people_are_asked(leaver: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def disagree(question: str, *, yes: bool) -> None:
        asked.append((question, yes))
        raise SystemExit(1)

    monkeypatch.setattr("cordwood.cli.group.deleting.confirm", disagree)
    refused = run(leaver, "group", "delete", "leaver")
    assert (refused.exit_code, refused.stdout) == (1, "")
    run(leaver, "group", "delete", "leaver", "--yes")
    assert asked == [("Delete leaver with all committed offsets?", yes) for yes in (False, True)]
    assert "leaver" in there(leaver)


def test_groups_that_cannot_be_deleted(leaver: Server, reading: str) -> None:
    done = run(leaver, "group", "delete", "leaver", "readers", "nobody")
    assert done.exit_code == 6
    assert done.stderr.splitlines() == [
        "error: group readers has 1 member: stop them first; `cordwood group describe readers` shows them",
        "error: there is no group nobody: `cordwood group list` shows those there are",
    ]
    assert done.stdout.splitlines()[1:] == ["leaver  Empty  yes"]


@pytest.mark.parametrize(("group", "code"), [("readers", 1), ("nobody", 3)])
def test_a_single_group_that_cannot_be_deleted(groups: Server, reading: str, group: str, code: int) -> None:
    done = run(groups, "group", "delete", group)
    assert (done.exit_code, done.stdout) == (code, "")
