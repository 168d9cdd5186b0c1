"""`cordwood group list`: its table, its JSON, its filters."""

from __future__ import annotations

import json

import pytest

from cordwood.testing import Server
from tests.cli.running import run, run_json


def test_the_table(groups: Server, reading: str) -> None:
    done = run(groups, "group", "list")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "GROUP    STATE   TYPE",
        "audit    Empty   Classic",
        "billing  Empty   Classic",
        "readers  Stable  Consumer",
    ]


def test_the_json(groups: Server, reading: str) -> None:
    assert run_json(groups, "group", "list", "billing", "readers") == [
        {"group": "billing", "state": "Empty", "type": "Classic", "simple": True},
        {"group": "readers", "state": "Stable", "type": "Consumer", "simple": False},
    ]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["b*"], ["billing"]),
        (["--regex", "(audit|readers)"], ["audit", "readers"]),
        (["--state", "stable"], ["readers"]),
        (["--state", "Empty", "--state", "Dead"], ["audit", "billing"]),
        (["--type", "classic"], ["audit", "billing"]),
        (["nothing-*"], []),
    ],
)
def test_filters(groups: Server, reading: str, arguments: list[str], names: list[str]) -> None:
    done = run(groups, "group", "list", "-o", "jsonl", *arguments)
    assert done.exit_code == 0
    assert [json.loads(line)["group"] for line in done.stdout.splitlines()] == names


def test_a_state_that_there_is_not(groups: Server) -> None:
    assert run(groups, "group", "list", "--state", "sleepy").exit_code == 2
