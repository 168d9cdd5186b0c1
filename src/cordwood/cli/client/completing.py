"""Names of topics, groups and settings for the completion of shells.

Lives here: asking a cluster for them, briefly; settings have the names that Kafka gave them. Must not live here: what a shell makes of them (click).

Whoever presses TAB waits: where nobody answers soon, nothing is completed, and nothing is said, for it would stand in the
middle of the command.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from cordwood.cli.client.options import Connection, connection_of

if TYPE_CHECKING:
    from cordwood.cli.client.connecting import Cluster

PATIENCE_S: Final = 1.0
"""How long somebody who presses TAB is kept waiting, without a --timeout in what was typed."""

HIDDEN: Final = "__"
"""What names of topics begin with that only few people look for."""


def complete_topics(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The topics whose names begin so; Kafka's own only for whoever begins with their underscores."""
    names = _asked(context, lambda kafka: kafka.metadata().topics)
    return [name for name in names if name.startswith(incomplete) and (incomplete or not name.startswith(HIDDEN))]


def complete_groups(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The groups whose names begin so."""
    return [name for name in _asked(context, _groups) if name.startswith(incomplete)]


def complete_settings(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The settings whose names begin so: of what the options typed so far name, of a broker if they name nothing."""
    from cordwood.model.settings import BROKER, CLIENT_METRICS, GROUP, TOPIC

    tables = {"topics": TOPIC, "groups": GROUP, "client_metrics": CLIENT_METRICS}
    named = [table for option, table in tables.items() if context.params.get(option)]
    return sorted(name for table in named or [BROKER] for name in table if name.startswith(incomplete))


def _groups(kafka: Cluster) -> Iterable[str]:
    listed = kafka.wait(kafka.admin.list_consumer_groups(request_timeout=kafka.timeout_s))
    return [group.group_id for group in listed.valid or ()]


def _asked(context: click.Context, ask: Callable[[Cluster], Iterable[str]]) -> list[str]:
    """Names in alphabetical order; none where the cluster cannot be asked."""
    from confluent_kafka import KafkaException

    from cordwood.cli.client.connecting import Cluster
    from cordwood.cli.client.errors import Unreachable

    try:
        return sorted(ask(Cluster(_connection(context))))
    except (KafkaException, Unreachable):
        return []


def _connection(context: click.Context) -> Connection:
    """What the options stand for that were typed so far; what of them is wrong counts as not typed."""
    given = context.params
    is_patient = context.get_parameter_source("timeout_s") is ParameterSource.COMMANDLINE
    return connection_of(
        given.get("bootstrap_servers"),
        given.get("properties") or {},
        given.get("client_config") or {},
        given["timeout_s"] if is_patient else PATIENCE_S,
        os.environ,
    )
