"""Settings of one configuration that do not go together, or of which one makes another one idle.

Lives here: looks at all that was given, each a function of it. Must not live here: single values (`model.settings`), and
what a node is built from (`configuration`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from cordwood.model.limits import REPLICAS_LIMIT
from cordwood.model.settings import GROUP, TOPIC, Layers, broker_number, broker_value
from cordwood.model.settings.per_group_rows import BOUNDS, LONGER
from cordwood.node.findings import Severity

Static = Mapping[str, str]
"""The settings that were given, by name; each text is one that its setting can have."""


class Trouble(NamedTuple):
    """Something about a setting that was given."""

    severity: Severity
    name: str
    message: str
    suggestion: str = ""


def troubles(static: Static) -> list[Trouble]:
    """All that there is to say, look by look."""
    return [trouble for look in LOOKS for trouble in look(static)]


def _not_in_order(static: Static) -> Iterator[Trouble]:
    """A least that is more than the most, or a wait that ends before what is waited for can come."""
    for low, high in ORDERED:
        if low in static or high in static:
            least, most = _number(low, static), _number(high, static)
            if least > most:
                yield Trouble(
                    Severity.ERROR,
                    low if low in static else high,
                    f"{low} = {least} is more than {high} = {most}",
                    f"leave {low} at most at {most}" if low in static else f"leave {high} at least at {least}",
                )
    for session, heartbeat in ((_broker_name(one), _broker_name(other)) for one, other in LONGER):
        if session in static or heartbeat in static:
            timeout, interval = _number(session, static), _number(heartbeat, static)
            if timeout <= interval:
                yield Trouble(
                    Severity.ERROR,
                    session if session in static else heartbeat,
                    f"{session} = {timeout} is not more than {heartbeat} = {interval}: members would be removed "
                    "between two heartbeats",
                    f"set {heartbeat} to a third of {session}, or less",
                )


def _out_of_bounds(static: Static) -> Iterator[Trouble]:
    """What all groups have and no single group could be given. Kafka refuses to start so."""
    for name, bounds in BOUNDS.items():
        default = _broker_name(name)
        value = _number(default, static)
        for bound, is_low in ((bounds.low, True), (bounds.high, False)):
            if bound is None or not static.keys() & {default, bound}:
                continue
            limit = _number(bound, static)
            if value < limit if is_low else value > limit:
                yield Trouble(
                    Severity.WARNING,
                    default if default in static else bound,
                    f"{default} = {value} is {'less' if is_low else 'more'} than {bound} = {limit}: no group could be "
                    "given that, and Kafka would not start",
                    f"set {bound} to {value}",
                )


def _overruled(static: Static) -> Iterator[Trouble]:
    """Names for one thing, of which a stronger one is given too."""
    for names in SAME:
        given = [name for name in names if name in static]
        for name in given[1:]:
            yield Trouble(Severity.NOTE, name, f"{name} does not count beside {given[0]}", "take it away")


def _idle(static: Static) -> Iterator[Trouble]:
    """Settings that wait for another one."""
    policy = broker_value("log.flush.policy", Layers(static))
    if "log.flush.interval.ms" in static and policy != "interval":
        message = f"log.flush.interval.ms does not count under log.flush.policy = {policy}"
        yield Trouble(Severity.NOTE, "log.flush.interval.ms", message, "set log.flush.policy to interval")
    if not broker_value("log.cleaner.enable", Layers(static)):
        message = (
            "log.cleaner.enable = false: nothing is compacted, and the topics of groups and transactions grow for ever"
        )
        yield Trouble(Severity.WARNING, "log.cleaner.enable", message, "take it away")


def _out_of_reach(static: Static) -> Iterator[Trouble]:
    """What can be asked for and not be had."""
    factor = _number("default.replication.factor", static)
    if factor > REPLICAS_LIMIT:
        message = (
            f"default.replication.factor = {factor}: a partition has {REPLICAS_LIMIT} replica in Cordwood yet; "
            "topics that do not say how many they want cannot be created"
        )
        yield Trouble(Severity.WARNING, "default.replication.factor", message, f"set it to {REPLICAS_LIMIT}")
    batch, request = _number("message.max.bytes", static), _number("socket.request.max.bytes", static)
    if batch > request:
        name = "message.max.bytes" if "message.max.bytes" in static else "socket.request.max.bytes"
        message = f"message.max.bytes = {batch} is more than a request can hold (socket.request.max.bytes = {request})"
        yield Trouble(Severity.WARNING, name, message, f"set message.max.bytes below {request}")


def _broker_name(name: str) -> str:
    return GROUP[name].sources[0].name


def _number(name: str, static: Static) -> int:
    return broker_number(name, Layers(static))


ORDERED: Final = (
    ("group.min.session.timeout.ms", "group.max.session.timeout.ms"),
    *((bounds.low, bounds.high) for bounds in BOUNDS.values() if bounds.low is not None and bounds.high is not None),
    ("log.cleaner.min.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"),
)
"""Pairs of which the first must not be more than the second."""

SAME: Final = (
    ("log.dirs", "log.dir"),
    *(tuple(source.name for source in row.sources) for row in TOPIC.values() if len(row.sources) > 1),
)
"""Names for one thing, the strongest first."""

LOOKS: Final[tuple[Callable[[Static], Iterator[Trouble]], ...]] = (
    _not_in_order,
    _out_of_bounds,
    _overruled,
    _idle,
    _out_of_reach,
)
