"""The command finds its subcommands without importing them."""

from __future__ import annotations

import subprocess
import sys

from click.testing import CliRunner

from cordwood.cli.lazy import LazyGroup
from cordwood.cli.main import COMMANDS, main


def test_every_command_is_there_with_its_help() -> None:
    assert isinstance(main, LazyGroup)
    listed = CliRunner().invoke(main, ["--help"]).output
    for name in COMMANDS:
        assert name in listed
        answer = CliRunner().invoke(main, [name, "--help"])
        assert answer.exit_code == 0
        assert "Usage" in answer.output


def test_unknown_commands_are_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["sevre"]).exit_code == 2


def test_the_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.startswith("cordwood 0.")


def test_help_does_not_wait_for_the_broker() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from cordwood.cli.main import main; "
        "CliRunner().invoke(main, ['--help']); print([m for m in ('asyncio', 'uvloop', 'cordwood.node') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
