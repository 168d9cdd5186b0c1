"""The command finds its subcommands without importing them."""

from __future__ import annotations

import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from cordwood.cli.lazy import LazyGroup
from cordwood.cli.main import COMMANDS, main
from cordwood.testing import Server
from tests.cli.client.silent import refused_address
from tests.tidy.tree import ROOT


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


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], ["asyncio", "uvloop", "cordwood.node", "confluent_kafka", "rich", "yaml", "msgspec"]),
        (["topic", "--help"], ["asyncio", "confluent_kafka", "rich", "yaml", "msgspec"]),
        (["topic", "list", "--help"], ["cordwood.node", "cordwood.wire", "rich", "yaml", "msgspec"]),
        (["config", "show", "--help"], ["cordwood.node", "confluent_kafka", "rich", "yaml"]),
        (["serve", "--help"], ["confluent_kafka", "rich", "yaml"]),
        (["log", "stats", "--help"], ["confluent_kafka", "asyncio", "rich", "yaml"]),
    ],
)
def test_help_does_not_wait_for_what_it_does_not_need(arguments: list[str], unwanted: list[str]) -> None:
    code = (
        "import sys; from click.testing import CliRunner; from cordwood.cli.main import main; "
        f"done = CliRunner().invoke(main, {arguments}); "
        f"print(done.exit_code, [name for name in {unwanted} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0 []\n"


def test_a_process_ends_with_the_code_and_says_why_on_standard_error() -> None:
    command = [sys.executable, "-m", "cordwood", "topic", "list", "-b", refused_address()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("error: nobody answers at 127.0.0.1:")
    assert done.stderr.count("\n") == 1


def test_who_reads_no_further_is_no_error(server: Server) -> None:
    command = (
        f"{sys.executable} -m cordwood config show --broker 1 --all -o jsonl -b {server.bootstrap_servers} | head -n 1"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["cluster", "config", "group", "topic"])
def test_the_page_names_every_command(name: str) -> None:
    """docs/CLI.md; what is Cordwood's own of `cluster` stands in docs/CLUSTER.md."""
    pages = "".join((ROOT / "docs" / page).read_text("utf-8") for page in ("CLI.md", "CLUSTER.md"))
    group = main.get_command(click.Context(main), name)
    assert isinstance(group, LazyGroup)
    assert [command for command in group.table if not re.search(rf"`(cordwood {name} )?{command}\b", pages)] == []
