"""The option by which commands take partitions: --topic TOPIC[:PARTITIONS].

Lives here: that option. Must not live here: the grammar (plan.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from cordwood.cli.client.completing import complete_topics
from cordwood.cli.group.plan import BadSelection, Selection, parse_selection

F = TypeVar("F", bound=Callable[..., Any])


def selection_option(*, required: bool = False) -> Callable[[F], F]:
    """Hands a command `selections`."""
    return click.option(
        "-t",
        "--topic",
        "selections",
        metavar="TOPIC[:PARTITIONS]",
        multiple=True,
        required=required,
        callback=_selections,
        shell_complete=complete_topics,
        help="A topic, or some of its partitions: orders:0,2,5-7; may be given again.",
    )


def _selections(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> list[Selection]:
    try:
        return [parse_selection(text) for text in texts]
    except BadSelection as error:
        raise click.BadParameter(str(error)) from error
