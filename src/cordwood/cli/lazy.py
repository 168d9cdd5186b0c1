"""Groups of commands whose modules are imported when they are called.

Lives here: that group. Must not live here: which commands there are.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import click
from click.shell_completion import CompletionItem


class LazyGroup(click.Group):
    """A group that is made of a table: name, module and one-line help of each command.

    The module has a command of that name, in whatever variable: `list`, say, is a bad name for one.
    """

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module = _load(self.table[cmd_name][0])
        commands = (value for value in vars(module).values() if isinstance(value, click.Command))
        command = next((command for command in commands if command.name == cmd_name), None)
        assert command is not None, f"{module.__name__} has no command {cmd_name}"
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        """Completes the commands without importing them; options as click does."""
        if incomplete and not incomplete[0].isalnum():
            return click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=help_text)
            for name, (_, help_text) in sorted(self.table.items())
            if name.startswith(incomplete)
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in sorted(self.table.items())])


def _load(name: str) -> ModuleType:
    """Imports a module. What modules are made of stays: looking for garbage among it costs a tenth of a broker's start."""
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.enable()
