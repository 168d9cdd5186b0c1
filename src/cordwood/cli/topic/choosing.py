"""Which topics a command is about: names, globs, regular expressions.

Lives here: the choice, and the error where a name means nothing. Must not live here: what is done with them.

A name without any of `*?[` means this very topic, whether or not it is there: the cluster says so. Topics that Kafka keeps
for itself are meant only by their own names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.offset_spec import BadOffset, Point, parse_point
from cordwood.cli.client.patterns import chosen
from cordwood.cli.terminal.exits import Exit, Outcomes
from cordwood.env.clock import SystemClock

INTERNAL: Final = frozenset({"__consumer_offsets", "__transaction_state", "__share_group_state"})
"""Topics that Kafka keeps for itself."""

_GLOB: Final = frozenset("*?[")


def is_glob(name: str) -> bool:
    """Whether a name is a pattern; names of topics have no such letters."""
    return not _GLOB.isdisjoint(name)


def chosen_topics(kafka: Cluster, wanted: Sequence[str], outcomes: Outcomes, *, is_regex: bool) -> list[str]:
    """The names of the topics that are wanted, once each; a pattern that means none is a failure."""
    patterns = [name for name in wanted if is_regex or is_glob(name)]
    known = [name for name in kafka.metadata().topics if name not in INTERNAL] if patterns else []
    found: dict[str, None] = {}
    for name in wanted:
        if name not in patterns:
            found[name] = None
            continue
        matching = chosen(known, [name], is_regex=is_regex)
        found |= dict.fromkeys(matching)
        if not matching:
            outcomes.failed(f"no topic fits {name}", Exit.NOT_FOUND)
    return list(found)


def point_of(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Point | None:
    """Reads an option that is an offset."""
    if text is None:
        return None
    try:
        return parse_point(text, SystemClock().now_ms())
    except BadOffset as error:
        raise click.BadParameter(str(error)) from error
