"""Whose settings are meant: topics, brokers, groups and others.

Lives here: the options that say so. Must not live here: asking for settings (`client.configs`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import click

from cordwood.cli.client.completing import complete_groups, complete_topics
from cordwood.cli.client.kinds import Kind
from cordwood.cli.terminal.exits import Exit, Outcomes

if TYPE_CHECKING:
    from cordwood.cli.client.connecting import Cluster

F = TypeVar("F", bound=Callable[..., Any])

ALL: Final = "all"
"""Stands for every broker of the cluster, one by one."""

DEFAULT: Final = "default"
"""Stands for what all brokers have, those to come as well."""


class Target(NamedTuple):
    """Something that has settings."""

    kind: Kind
    name: str

    @property
    def is_direct(self) -> bool:
        """Whether librdkafka has no call for it."""
        return self.kind in {Kind.CLIENT_METRICS, Kind.BROKER_LOGGERS} or self == Target(Kind.BROKER, DEFAULT)

    @property
    def broker(self) -> str | None:
        """The id of the one broker that can be asked, where any other could not say."""
        return None if self.kind not in {Kind.BROKER, Kind.BROKER_LOGGERS} or self.name == DEFAULT else self.name

    @property
    def resource_name(self) -> str:
        """Its name in requests."""
        return "" if self == Target(Kind.BROKER, DEFAULT) else self.name

    def __str__(self) -> str:
        """As people call it."""
        return f"{self.kind} {self.name}"


def target_options(command: F) -> F:
    """Gives a command the options, and hands it `targets`."""

    @functools.wraps(command)
    def targeted(
        *args: Any,  # noqa: ANN401 - click's own
        topics: tuple[str, ...],
        brokers: tuple[str, ...],
        groups: tuple[str, ...],
        client_metrics: tuple[str, ...],
        broker_loggers: tuple[str, ...],
        **kwargs: Any,  # noqa: ANN401 - click's own
    ) -> Any:  # noqa: ANN401 - the command's own
        named = (
            (Kind.TOPIC, topics),
            (Kind.BROKER, brokers),
            (Kind.GROUP, groups),
            (Kind.CLIENT_METRICS, client_metrics),
            (Kind.BROKER_LOGGERS, broker_loggers),
        )
        targets = [Target(kind, name) for kind, names in named for name in dict.fromkeys(names)]
        return command(*args, targets=targets, **kwargs)

    for option in reversed(_OPTIONS):
        targeted = option(targeted)
    return targeted  # type: ignore[return-value] # the same command with an argument of another name


def expanded(kafka: Cluster, targets: Sequence[Target], outcomes: Outcomes) -> list[Target]:
    """The targets, with `all` brokers one by one; a broker that is not there is a failure, and would not answer."""
    brokers = {str(broker) for broker in kafka.metadata().brokers}
    found = []
    for target in targets:
        if target.kind not in {Kind.BROKER, Kind.BROKER_LOGGERS} or target.name == DEFAULT:
            found.append(target)
        elif target.name == ALL:
            found += [Target(target.kind, broker) for broker in sorted(brokers, key=int)]
        elif target.name in brokers:
            found.append(target)
        else:
            outcomes.failed(f"there is no broker {target.name}", Exit.NOT_FOUND)
    return found


def _broker(_context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    words = [ALL, DEFAULT] if parameter.name == "brokers" else [ALL]
    for name in names:
        if name not in words and not (name.isascii() and name.isdigit()):
            raise click.BadParameter(f"{name!r} is no id of a broker; write a number, or {' or '.join(words)}")
    return names


_OPTIONS: Final = (
    click.option(
        "--topic",
        "topics",
        metavar="NAME",
        multiple=True,
        shell_complete=complete_topics,
        help="Those of a topic; may be given again.",
    ),
    click.option(
        "--broker",
        "brokers",
        metavar="ID",
        multiple=True,
        callback=_broker,
        help=f"Those of a broker; of {ALL} of them one by one; {DEFAULT}: what all have, those to come as well.",
    ),
    click.option(
        "--group",
        "groups",
        metavar="NAME",
        multiple=True,
        shell_complete=complete_groups,
        help="Those of a consumer group.",
    ),
    click.option(
        "--client-metrics", "client_metrics", metavar="NAME", multiple=True, help="Those of a subscription to metrics."
    ),
    click.option(
        "--broker-loggers",
        "broker_loggers",
        metavar="ID",
        multiple=True,
        callback=_broker,
        help=f"The levels of a broker's loggers, or of those of {ALL}.",
    ),
)
