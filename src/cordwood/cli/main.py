"""The `cordwood` command: finds the subcommand and loads only its module.

Lives here: the list of commands. Must not live here: imports that a `--help` would have to wait for.
"""

from __future__ import annotations

from typing import Final

import click

from cordwood.cli.lazy import LazyGroup

COMMANDS: Final = {
    "cluster": ("cordwood.cli.cluster.commands", "Found a cluster, look at it, add and remove members."),
    "completion": ("cordwood.cli.completion", "Print a script for the completion of a shell."),
    "config": ("cordwood.cli.config.commands", "Look at settings, check and change them."),
    "consume": ("cordwood.cli.records.consume", "Write records to standard output."),
    "doctor": ("cordwood.cli.doctor.commands", "Dial every address of a cluster, and say what to change."),
    "group": ("cordwood.cli.group.commands", "Look at consumer groups, move them and delete them."),
    "log": ("cordwood.cli.log.commands", "Look at the files of logs, and mend them."),
    "produce": ("cordwood.cli.records.produce", "Write lines, JSON or bytes to a topic."),
    "raftlog": ("cordwood.cli.raftlog.commands", "Look at the chunks of a raft log."),
    "serve": ("cordwood.cli.serve", "Run a broker."),
    "topic": ("cordwood.cli.topic.commands", "Look at topics, create, change and delete them."),
}


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cordwood", message="cordwood %(version)s")
def main() -> None:
    """A distributed commit log that speaks the Kafka protocol."""
