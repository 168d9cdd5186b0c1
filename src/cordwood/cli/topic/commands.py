"""`cordwood topic`: topics.

Lives here: the list of its commands. Must not live here: what each of them does.
"""

from __future__ import annotations

from typing import Final

import click

from cordwood.cli.lazy import LazyGroup

COMMANDS: Final = {
    "add-partitions": ("cordwood.cli.topic.growing", "Give a topic more partitions."),
    "config": ("cordwood.cli.topic.configuring", "Show and change the settings of a topic."),
    "create": ("cordwood.cli.topic.creating", "Create topics."),
    "delete": ("cordwood.cli.topic.deleting", "Delete topics and all that is in them."),
    "describe": ("cordwood.cli.topic.describing", "Show partitions, replicas, offsets and settings of topics."),
    "list": ("cordwood.cli.topic.listing", "List topics."),
    "offsets": ("cordwood.cli.topic.bounding", "Show where partitions start and end, and which offset a time is."),
    "trim": ("cordwood.cli.topic.trimming", "Delete the oldest records."),
}


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def topic() -> None:
    """Look at topics, create, change and delete them."""
