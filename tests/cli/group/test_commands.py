"""`cordwood group` has its commands, each with its help, its usage, and its end where nobody answers."""

from __future__ import annotations

import pytest

from cordwood.cli.group.commands import COMMANDS
from tests.cli.running import run

ARGUMENTS = {
    "delete": ["x"],
    "describe": ["x"],
    "forget": ["x", "-t", "orders"],
    "lag": [],
    "list": [],
    "reset": ["x", "--all-topics", "--to", "end"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help(name: str) -> None:
    assert name in run(None, "group", "--help").stdout
    done = run(None, "group", name, "--help")
    assert done.exit_code == 0
    assert "--bootstrap-servers" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_nobody_answers(name: str) -> None:
    done = run(None, "group", name, *ARGUMENTS[name], "-b", "127.0.0.1:1", "--timeout", "3")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.startswith("error: nobody answers at 127.0.0.1:1: ")


@pytest.mark.parametrize("name", COMMANDS)
def test_wrong_usage(name: str) -> None:
    assert run(None, "group", name, *ARGUMENTS[name], "-o", "xml").exit_code == 2
