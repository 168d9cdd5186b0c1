"""The commands of `cordwood topic`, and how each of them ends where nobody can be asked."""

from __future__ import annotations

import pytest

from cordwood.cli.topic.commands import COMMANDS
from tests.cli.client.silent import refused_address
from tests.cli.running import run

ARGUMENTS = {
    "add-partitions": ["a", "--to", "3"],
    "config": ["a"],
    "create": ["a"],
    "delete": ["a"],
    "describe": ["a"],
    "list": [],
    "offsets": ["a"],
    "trim": ["a", "--before", "end"],
}


def test_every_command_has_its_help():
    for name in COMMANDS:
        done = run(None, "topic", name, "--help")
        assert done.exit_code == 0
        assert "--bootstrap-servers" in done.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_nobody_answers(name):
    address = refused_address()
    done = run(None, "topic", name, *ARGUMENTS[name], "-b", address)
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.startswith(f"error: nobody answers at {address}: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_nobody_is_let_in(server, name):
    done = run(server, "topic", name, *ARGUMENTS[name], "-X", "security.protocol=SSL")
    assert (done.exit_code, done.stdout) == (4, "")
    assert "does not let us in: " in done.stderr
