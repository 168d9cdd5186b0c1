"""The settings of a running cluster: a row for each, and changes to them.

Lives here: asking for those of several things, and by which client. Must not live here: columns (`showing`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException

from cordwood.cli.client.configs import Change, Value, alter, describe
from cordwood.cli.client.connecting import Cluster, cluster
from cordwood.cli.client.errors import Unreachable, error_of, exit_of, words_of
from cordwood.cli.client.options import Connection
from cordwood.cli.config.targets import Target, expanded
from cordwood.cli.terminal.exits import Exit, Outcomes

T = TypeVar("T")


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
        return _answer(target, lambda: describe(kafka, target.kind, target.name))
    from cordwood.cli.config import direct

    return _answer(target, lambda: direct.describe(kafka, target))


def alter_target(kafka: Cluster, target: Target, changes: Sequence[Change], *, is_dry: bool) -> KafkaError | None:
    """Changes settings of one thing, by librdkafka if it can. Raises what `direct` raises."""
    if not target.is_direct:
        return _answer(target, lambda: alter(kafka, target.kind, target.name, changes, is_dry=is_dry))
    from cordwood.cli.config import direct

    return _answer(target, lambda: direct.alter(kafka, target, changes, is_dry=is_dry))


def _answer(target: Target, ask: Callable[[], T]) -> T | KafkaError:
    """What is answered. That one broker is silent, and no other can be asked instead, is an error like others."""
    try:
        return ask()
    except Unreachable as unreachable:
        if target.broker is None or unreachable.code is not Exit.CONNECT:
            raise
        code = KafkaError._TRANSPORT  # noqa: SLF001 - librdkafka's own names begin so.
        return KafkaError(code, f"it does not answer: {unreachable.reason}")
    except KafkaException as exception:
        if target.broker is None or exit_of(error_of(exception)) is not Exit.CONNECT:
            raise
        return error_of(exception)
