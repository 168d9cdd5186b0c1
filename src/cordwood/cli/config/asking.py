"""The settings of a running cluster: a row for each, and changes to them.

Lives here: asking for those of several things, and by which client. Must not live here: columns (`showing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaError

from cordwood.cli.client.configs import Change, Value, alter, describe
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import exit_of, words_of
from cordwood.cli.client.options import Connection
from cordwood.cli.config.targets import Target, expanded
from cordwood.cli.terminal.exits import Outcomes


def described(targets: Sequence[Target], connection: Connection, outcomes: Outcomes) -> list[dict[str, Any]]:
    """All settings of the targets; what has none is a failure. Ends the program where there is nobody to ask."""
    rows: list[dict[str, Any]] = []
    with cluster(connection) as kafka:
        for target in expanded(kafka, targets, outcomes):
            found = describe_target(kafka, target)
            if isinstance(found, KafkaError):
                outcomes.failed(f"{target}: {words_of(found)}", exit_of(found))
                continue
            rows += [{"type": target.kind.value, "resource": target.name, **value.to_row()} for value in found]
    return rows


def describe_target(kafka: Cluster, target: Target) -> list[Value] | KafkaError:
    """The settings of one thing, by librdkafka if it can. Raises what `direct` raises."""
    if not target.is_direct:
        return describe(kafka, target.kind, target.name)
    from cordwood.cli.config import direct

    return direct.describe(kafka, target)


def alter_target(kafka: Cluster, target: Target, changes: Sequence[Change], *, is_dry: bool) -> KafkaError | None:
    """Changes settings of one thing, by librdkafka if it can. Raises what `direct` raises."""
    if not target.is_direct:
        return alter(kafka, target.kind, target.name, changes, is_dry=is_dry)
    from cordwood.cli.config import direct

    return direct.alter(kafka, target, changes, is_dry=is_dry)
