"""The `cordwood` command: finds the subcommand and loads only its module.

Lives here: the list of commands. Must not live here: imports that a `--help` would have to wait for.
"""

from __future__ import annotations

import importlib
from typing import Final

import click

COMMANDS: Final = {
    "log": ("cordwood.cli.log", "Look at the files of logs, and mend them."),
    "raftlog": ("cordwood.cli.raftlog", "Look at the chunks of a raft log."),
    "serve": ("cordwood.cli.serve", "Run a broker."),
}
"""Name, module and one-line help of each command; the module has a function of the command's name."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command), f"{cmd_name} is not a command"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in sorted(COMMANDS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cordwood", message="cordwood %(version)s")
def main() -> None:
    """A distributed commit log that speaks the Kafka protocol."""
