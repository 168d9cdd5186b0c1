"""`cordwood group list`.

Lives here: its options and columns. Must not live here: asking (asking.py).
"""

from __future__ import annotations

from typing import Final

import click

from cordwood.cli.client.completing import complete_groups
from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.client.patterns import chosen
from cordwood.cli.group.asking import REBALANCING, STATES, list_groups
from cordwood.cli.terminal.exits import Outcomes
from cordwood.cli.terminal.output import Column, Output, output_option, show_rows

COLUMNS: Final = (Column("GROUP", "group"), Column("STATE", "state"), Column("TYPE", "type"))


@click.command("list")
@click.argument("patterns", metavar="[GROUP]...", shell_complete=complete_groups, nargs=-1)
@click.option("--regex", "is_regex", is_flag=True, help="GROUP is a regular expression, and no glob.")
@click.option(
    "--state",
    "states",
    type=click.Choice([*STATES.values(), REBALANCING], case_sensitive=False),
    multiple=True,
    help="Only groups in this state; may be given again.",
)
@click.option(
    "--type", "kind", type=click.Choice(["Classic", "Consumer"], case_sensitive=False), help="Only groups of this type."
)
@connection_options
@output_option
def list_command(
    patterns: tuple[str, ...],
    is_regex: bool,
    states: tuple[str, ...],
    kind: str | None,
    connection: Connection,
    output: Output,
) -> None:
    """List consumer groups: all, or those that a pattern such as 'billing-*' fits."""
    outcomes = Outcomes()
    with cluster(connection) as kafka:
        listed, refused = list_groups(kafka)
    by_name = {listing.group: listing for listing in listed}
    rows = [
        {"group": one.group, "state": one.state, "type": one.type, "simple": one.is_simple}
        for one in (by_name[name] for name in chosen(by_name, patterns, is_regex=is_regex))
        if (not states or one.state in states) and kind in {None, one.type}
    ]
    show_rows(output, rows, COLUMNS)
    outcomes.done()
    for error in refused:
        outcomes.failed(f"a broker does not tell its groups: {words_of(error)}", exit_of(error))
    outcomes.end()
