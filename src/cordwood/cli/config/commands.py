"""`cordwood config`: settings.

Lives here: the list of its commands. Must not live here: what each of them does.
"""

from __future__ import annotations

from typing import Final

import click

from cordwood.cli.lazy import LazyGroup

COMMANDS: Final = {
    "get": ("cordwood.cli.config.showing", "Say the value of settings."),
    "lint": ("cordwood.cli.config.linting", "Say what is wrong with configuration files."),
    "set": ("cordwood.cli.config.altering", "Give settings of topics, brokers and groups a value."),
    "show": ("cordwood.cli.config.showing", "Show settings, and where their values come from."),
    "unset": ("cordwood.cli.config.altering", "Take values of topics, brokers and groups away."),
}


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def config() -> None:
    """Look at settings, check and change them.

    With --topic, --broker or --group they are those of a running cluster; without, those that `cordwood serve` would run
    with, from the same flags, environment and file.
    """
