"""`cordwood cluster` has its commands, each with its help."""

from __future__ import annotations

from click.testing import CliRunner

from cordwood.cli.cluster.commands import COMMANDS
from cordwood.cli.main import main


def test_every_command_is_there_with_its_help() -> None:
    listed = CliRunner().invoke(main, ["cluster", "--help"]).output
    for name in COMMANDS:
        assert name in listed
        answer = CliRunner().invoke(main, ["cluster", name, "--help"])
        assert answer.exit_code == 0
        assert "Usage: main cluster" in answer.output
