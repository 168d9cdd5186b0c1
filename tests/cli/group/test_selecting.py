"""The option that takes partitions."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from cordwood.cli.group.plan import Selection
from cordwood.cli.group.selecting import selection_option


def taken(*arguments: str, required: bool = False) -> tuple[int, list[Selection], str]:
    """The exit code, what a command was handed, and what was said."""
    found: list[Selection] = []

    @click.command()
    @selection_option(required=required)
    def command(selections: list[Selection]) -> None:
        found.extend(selections)

    done = CliRunner().invoke(command, list(arguments))
    return done.exit_code, found, done.stderr


def test_partitions_are_handed_over() -> None:
    assert taken("-t", "a", "--topic", "b:0,2") == (0, [Selection("a"), Selection("b", (0, 2))], "")
    assert taken() == (0, [], "")


@pytest.mark.parametrize(
    ("arguments", "words"), [(["-t", "a:x"], "'x' names no partitions"), ([], "Missing option '-t' / '--topic'")]
)
def test_wrong_usage(arguments: list[str], words: str) -> None:
    code, _, said = taken(*arguments, required=True)
    assert code == 2
    assert words in said
