"""`cordwood config show` and `get`.

Lives here: their options, fields and columns. Must not live here: asking a cluster (`asking`), reading a configuration
(`origins`).
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from typing import Any, Final

import click
from click.core import ParameterSource

from cordwood.cli.client.completing import complete_settings
from cordwood.cli.client.options import Connection, connection_options
from cordwood.cli.config.sources import Sources, source_options
from cordwood.cli.config.targets import Target, target_options
from cordwood.cli.terminal.exits import Exit, Outcomes
from cordwood.cli.terminal.lines import say_lines
from cordwood.cli.terminal.output import NOTHING, Column, Output, cell_text, output_option, show_rows

NAME: Final = Column("NAME", "name")
VALUE: Final = Column("VALUE", "value")
TYPE: Final = Column("TYPE", "type")
RESOURCE: Final = Column("RESOURCE", "resource")


def _origin(row: Any) -> str:  # noqa: ANN401 - a row
    return str(row.get("place") or row["origin"])


def _overrides(row: Any) -> str:  # noqa: ANN401 - a row
    told = [f"{cell_text(one['value'])} ({_origin(one)})" for one in row["overrides"]]
    return ", ".join(told) or NOTHING


ORIGINS: Final = (Column("ORIGIN", _origin), Column("OVERRIDES", _overrides))


@click.command()
@click.option(
    "--origin", "has_origins", is_flag=True, help="Also show where each value comes from, and what it overrides."
)
@click.option("--all", "has_defaults", is_flag=True, help="Also settings that nobody has given a value.")
@target_options
@source_options
@connection_options
@output_option
def show(
    has_origins: bool,
    has_defaults: bool,
    targets: list[Target],
    sources: Sources,
    connection: Connection,
    output: Output,
) -> None:
    """Show the settings that have a value of their own.

    Those of topics, brokers and groups of a cluster with --topic, --broker, --group; without, those that `cordwood serve`
    would run with if it were given the same options here and now.
    """
    outcomes = Outcomes()
    rows = _rows(targets, sources, connection, outcomes, is_judged=True)
    shown = [row for row in rows if has_defaults or row["origin"] != "default"]
    if rows:
        show_rows(output, shown, _columns(rows, has_origins=has_origins))
        outcomes.done()
    outcomes.end()


@click.command()
@click.argument("names", metavar="KEY...", shell_complete=complete_settings, nargs=-1, required=True)
@target_options
@source_options
@connection_options
@output_option
def get(
    names: tuple[str, ...], targets: list[Target], sources: Sources, connection: Connection, output: Output
) -> None:
    """Say the value of settings: of one nothing but the value, for use in scripts."""
    outcomes = Outcomes()
    rows = _rows(targets, sources, connection, outcomes, is_judged=False)
    chosen = [row for row in rows if row["name"] in names]
    known = {row["name"] for row in chosen}
    for name in dict.fromkeys(names):
        if rows and name not in known:
            outcomes.failed(f"there is no setting {name}{_hint(name, rows)}", Exit.NOT_FOUND)
    for _ in known:
        outcomes.done()
    if output is Output.TABLE and len(names) == 1 and len(chosen) == 1:
        say_lines([chosen[0]["value"] or ""])
    elif chosen:
        show_rows(output, chosen, _columns(chosen, has_origins=False))
    outcomes.end()


def _rows(
    targets: Sequence[Target], sources: Sources, connection: Connection, outcomes: Outcomes, *, is_judged: bool
) -> list[dict[str, Any]]:
    """All settings that are meant. Either way loads what it needs and no more: a value is to be there at once."""
    if not targets:
        if _names_a_cluster():
            raise click.UsageError(
                "say whose settings of the cluster: --topic NAME, --broker ID, --group NAME and others"
            )
        from cordwood.cli.config.origins import configured

        return configured(sources, os.environ, is_judged=is_judged)
    if not sources.is_empty:
        raise click.UsageError(
            "settings are those of a cluster (--topic, --broker, --group) or of a configuration, not both"
        )
    from cordwood.cli.config.asking import described

    return described(targets, connection, outcomes)


def _names_a_cluster() -> bool:
    """Whether somebody typed where a cluster is."""
    context = click.get_current_context()
    typed = (context.get_parameter_source(name) for name in ("bootstrap_servers", "properties", "client_config"))
    return ParameterSource.COMMANDLINE in typed


def _hint(name: str, rows: Sequence[dict[str, Any]]) -> str:
    close = difflib.get_close_matches(name, {row["name"]: None for row in rows}, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _columns(rows: Sequence[dict[str, Any]], *, has_origins: bool) -> list[Column]:
    """Whose a setting is, is shown where it is not clear."""
    several = len({(row["type"], row["resource"]) for row in rows}) > 1
    return [*((TYPE, RESOURCE) if several else ()), NAME, VALUE, *(ORIGINS if has_origins else ())]
