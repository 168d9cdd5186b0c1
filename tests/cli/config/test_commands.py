"""The commands of `cordwood config`, and how those that ask a cluster end where they cannot."""

from __future__ import annotations

import pytest

from cordwood.cli.config.commands import COMMANDS
from tests.cli.client.silent import refused_address
from tests.cli.running import run

ASKING = {
    "get": ["a", "--topic", "t"],
    "set": ["a=b", "--topic", "t"],
    "show": ["--topic", "t"],
    "unset": ["a", "--topic", "t"],
}


def test_every_command_has_its_help():
    for name in COMMANDS:
        done = run(None, "config", name, "--help")
        assert done.exit_code == 0
        assert "--output" in done.stdout


@pytest.mark.parametrize("name", sorted(ASKING))
def test_nobody_answers(name):
    address = refused_address()
    done = run(None, "config", name, *ASKING[name], "-b", address)
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.startswith(f"error: nobody answers at {address}: ")


@pytest.mark.parametrize("name", sorted(ASKING))
def test_nobody_is_let_in(server, name):
    done = run(server, "config", name, *ASKING[name], "-X", "security.protocol=SSL")
    assert (done.exit_code, done.stdout) == (4, "")
    assert "does not let us in" in done.stderr
