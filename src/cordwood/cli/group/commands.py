"""`cordwood group`: consumer groups.

Lives here: the list of its commands. Must not live here: what each of them does.
"""

from __future__ import annotations

from typing import Final

import click

from cordwood.cli.lazy import LazyGroup

COMMANDS: Final = {
    "delete": ("cordwood.cli.group.deleting", "Delete groups without members, and their offsets."),
    "describe": ("cordwood.cli.group.describing", "Show members, assignments, committed offsets and lag of groups."),
    "forget": ("cordwood.cli.group.forgetting", "Delete committed offsets of topics that a group reads no more."),
    "lag": ("cordwood.cli.group.lagging", "Show how far groups are behind: in all, by topic, by partition."),
    "list": ("cordwood.cli.group.listing", "List groups, their states and types."),
    "reset": ("cordwood.cli.group.resetting", "Move the committed offsets of a group without members."),
}


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def group() -> None:
    """Look at consumer groups, move them and delete them."""
