"""`cordwood cluster bootstrap` and `new-id`: before a cluster runs.

Lives here: options, what is told, exit codes. Must not live here: the founding (`node.founding`).
"""

from __future__ import annotations

import os
import sys

import click

from cordwood.cli.terminal.exits import Exit, errors_told
from cordwood.cli.terminal.lines import say_json
from cordwood.env.dice import SystemDice
from cordwood.env.disk import LocalDisk
from cordwood.metadata.cluster import new_cluster_id
from cordwood.node.configuration import ConfigurationError, load
from cordwood.node.founding import Founded, found_member


@click.command()
@click.option("--data", metavar="DIR", help="Data directory (log.dirs). Default: ./data")
@click.option("--listen", metavar="HOST:PORT", help="Address that the node will bind (listeners).")
@click.option("--config", "config_file", metavar="FILE", help="Settings in TOML or properties, by Kafka's names.")
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="One setting; may be given again and again.")
@click.option("--if-needed", is_flag=True, help="Be content if this node is a member of this very cluster already.")
def bootstrap(
    data: str | None, listen: str | None, config_file: str | None, sets: tuple[str, ...], if_needed: bool
) -> None:
    """Found a cluster in the data directory of one of its first members.

    Settings are those that `cordwood serve` will be given: node.id, log.dirs, cluster.id, controller.quorum.voters and
    the rest. Do it on each first member, with the same cluster.id and controller.quorum.voters, then start them.

    Exit codes: 0 founded, 1 the directory has a past or cannot be written, 2 mistakes in the settings.
    """
    flags = {name: value for name, value in (("log.dirs", data), ("listeners", listen)) if value is not None}
    with errors_told():
        try:
            config = load(file=config_file, environment=os.environ, sets=sets, flags=flags)
            founded = found_member(config, LocalDisk(), SystemDice(), if_needed=if_needed)
        except ConfigurationError as error:
            for mistake in error.mistakes:
                click.echo(f"error: {mistake}", err=True)
            sys.exit(Exit.USAGE)
    for warning in config.warnings:
        click.echo(f"warning: {warning}", err=True)
    _say(founded)


def _say(founded: Founded) -> None:
    voters = [str(voter) for voter in founded.voters]
    done = "is founded" if founded.is_new else "was founded before, and is left as it is"
    click.echo(f"node {founded.node_id} of cluster {founded.cluster_id} {done} in {founded.directory}", err=True)
    say_json(
        {
            "cluster_id": founded.cluster_id,
            "node_id": founded.node_id,
            "directory": founded.directory,
            "voters": voters,
            "founded": founded.is_new,
        }
    )


@click.command("new-id")
def new_id() -> None:
    """Say a cluster id that no other cluster has: for cluster.id of all first members."""
    click.echo(new_cluster_id(SystemDice().token))
