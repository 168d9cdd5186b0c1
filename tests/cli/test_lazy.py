"""A group of commands that is made of a table."""

from __future__ import annotations

import contextlib
import gc

import click
import pytest
from click.testing import CliRunner

from cordwood.cli.lazy import LazyGroup

GROUP = LazyGroup(
    "tool",
    table={
        "new-id": ("cordwood.cli.cluster.bootstrap", "Say an id."),
        "list": ("cordwood.cli.group.listing", "List groups."),
        "broken": ("cordwood.no_such_module", "Is never imported by the help."),
    },
)


def test_the_help_imports_nothing() -> None:
    answer = CliRunner().invoke(GROUP, ["--help"])
    assert answer.exit_code == 0
    assert "Is never imported" in answer.output


def test_a_command_is_found_by_its_name() -> None:
    command = GROUP.get_command(click.Context(GROUP), "new-id")
    assert command is not None
    assert command.name == "new-id"
    assert CliRunner().invoke(GROUP, ["new-id"]).exit_code == 0
    assert CliRunner().invoke(GROUP, ["new_id"]).exit_code == 2


def test_a_command_is_found_whatever_its_variable_is_called() -> None:
    command = GROUP.get_command(click.Context(GROUP), "list")
    assert command is not None
    assert command.name == "list"


@pytest.mark.parametrize("name", ["new-id", "broken"])
def test_garbage_is_looked_for_after_loading(name: str) -> None:
    with contextlib.suppress(ModuleNotFoundError):
        GROUP.get_command(click.Context(GROUP), name)
    assert gc.isenabled()


def test_commands_and_options_are_completed_without_imports() -> None:
    context = click.Context(GROUP)
    assert [(item.value, item.help) for item in GROUP.shell_complete(context, "b")] == [
        ("broken", "Is never imported by the help.")
    ]
    assert [item.value for item in GROUP.shell_complete(context, "")] == sorted(GROUP.table)
    assert [item.value for item in GROUP.shell_complete(context, "--h")] == ["--help"]
