"""`cordwood config set` and `unset`.

Lives here: their options and what is told. Must not live here: asking (`asking`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import click

from cordwood.cli.client.completing import complete_settings
from cordwood.cli.client.configs import Change
from cordwood.cli.client.connecting import cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.options import Connection, connection_options, pairs
from cordwood.cli.config.asking import alter_target
from cordwood.cli.config.targets import Target, expanded, target_options
from cordwood.cli.terminal.arguments import dry_run_option
from cordwood.cli.terminal.exits import Outcomes
from cordwood.cli.terminal.output import Column, Output, Row, output_option, show_rows


def _status(row: Row) -> str:
    return f"would be {row['status']}" if row["dry_run"] else str(row["status"])


COLUMNS: Final = (
    Column("TYPE", "type"),
    Column("RESOURCE", "resource"),
    Column("NAME", "name"),
    Column("VALUE", "value"),
    Column("STATUS", _status),
)


@click.command("set")
@click.argument("values", metavar="KEY=VALUE...", nargs=-1, required=True, callback=pairs)
@target_options
@dry_run_option
@connection_options
@output_option
def set_command(
    values: dict[str, str], targets: list[Target], dry_run: bool, connection: Connection, output: Output
) -> None:
    """Give settings a value: all that is given, or none of it where the cluster refuses one."""
    _alter([Change(name, text) for name, text in values.items()], targets, connection, output, is_dry=dry_run)


@click.command()
@click.argument("names", metavar="KEY...", shell_complete=complete_settings, nargs=-1, required=True)
@target_options
@dry_run_option
@connection_options
@output_option
def unset(names: tuple[str, ...], targets: list[Target], dry_run: bool, connection: Connection, output: Output) -> None:
    """Take values away, so that settings are what they are without."""
    _alter([Change(name, None) for name in dict.fromkeys(names)], targets, connection, output, is_dry=dry_run)


def _alter(
    changes: Sequence[Change], targets: Sequence[Target], connection: Connection, output: Output, *, is_dry: bool
) -> None:
    if not targets:
        raise click.UsageError("say whose settings: --topic NAME, --broker ID, --group NAME and others")
    outcomes = Outcomes()
    rows: list[dict[str, Any]] = []
    with cluster(connection) as kafka:
        for target in expanded(kafka, targets, outcomes):
            error = alter_target(kafka, target, changes, is_dry=is_dry)
            if error is not None:
                outcomes.failed(f"{target}: {words_of(error)}", exit_of(error))
                continue
            rows += [_row(target, change, is_dry=is_dry) for change in changes]
            outcomes.done()
    if rows:
        show_rows(output, rows, COLUMNS)
    outcomes.end()


def _row(target: Target, change: Change, *, is_dry: bool) -> dict[str, Any]:
    return {
        "type": target.kind.value,
        "resource": target.name,
        "name": change.name,
        "value": change.text,
        "status": "unset" if change.text is None else "set",
        "dry_run": is_dry,
    }
