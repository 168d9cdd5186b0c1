"""The settings of a single group, as Apache Kafka 4.3 has them (KIP-848, KIP-932, KIP-1071, KIP-1240).

Lives here: rows, the broker's settings that give them their defaults, and those that bound them. Must not live here:
logic. A group is of one type only, and its other settings wait for a group of their type.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from cordwood.model.settings.setting import NO_EFFECT, Fallback, Kind, Setting

_SHARE: Final = f"{NO_EFFECT}there are no share groups yet. "
_STREAMS: Final = f"{NO_EFFECT}there are no streams groups yet. "

CONSUMER: Final = (
    Setting(
        "consumer.session.timeout.ms",
        Kind.INT,
        45_000,
        "A member of the group, in the consumer protocol (KIP-848), that was not heard of for so long is removed.",
        low=1,
        dynamic=True,
        acted_on=True,
        sources=(Fallback("group.consumer.session.timeout.ms"),),
    ),
    Setting(
        "consumer.heartbeat.interval.ms",
        Kind.INT,
        5_000,
        "How often members of the group are told to send a heartbeat.",
        low=1,
        dynamic=True,
        acted_on=True,
        sources=(Fallback("group.consumer.heartbeat.interval.ms"),),
    ),
    Setting(
        "consumer.assignment.interval.ms",
        Kind.INT,
        1_000,
        f"{NO_EFFECT}a new assignment is made as soon as one is needed.",
        low=0,
        dynamic=True,
        sources=(Fallback("group.consumer.assignment.interval.ms"),),
    ),
)


def _number(name: str, default: int, document: str, low: int) -> Setting:
    """A number whose default is the broker's setting of the same name with `group.` before it."""
    source = Fallback(f"group.{name}")
    return Setting(name, Kind.INT, default, document, low=low, dynamic=True, sources=(source,))


SHARE: Final = (
    _number("share.session.timeout.ms", 45_000, f"{_SHARE}After how long a silent member is removed.", 1),
    _number("share.heartbeat.interval.ms", 5_000, f"{_SHARE}How often members send a heartbeat.", 1),
    _number("share.assignment.interval.ms", 1_000, f"{_SHARE}The pause between two assignments.", 0),
    _number("share.record.lock.duration.ms", 30_000, f"{_SHARE}How long a record is a member's alone.", 1_000),
    _number("share.delivery.count.limit", 5, f"{_SHARE}How often a record is handed out.", 2),
    _number("share.partition.max.record.locks", 2_000, f"{_SHARE}Records of a partition in members' hands.", 100),
    Setting(
        "share.auto.offset.reset",
        Kind.STRING,
        "latest",
        f"{_SHARE}Where a partition begins that nobody has read yet.",
        pattern=r"latest|earliest|by_duration:P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,9})?S)?)?",
        form="latest, earliest, or by_duration: with an ISO 8601 duration (by_duration:PT1H)",
        dynamic=True,
    ),
    Setting(
        "share.isolation.level",
        Kind.STRING,
        "read_uncommitted",
        f"{_SHARE}Whether records of transactions are handed out before they are committed.",
        choices=("read_committed", "read_uncommitted"),
        dynamic=True,
    ),
    Setting(
        "share.renew.acknowledge.enable",
        Kind.BOOLEAN,
        True,
        f"{_SHARE}Whether members may keep a record for longer.",
        dynamic=True,
    ),
)

STREAMS: Final = (
    _number("streams.session.timeout.ms", 45_000, f"{_STREAMS}After how long a silent member is removed.", 1),
    _number("streams.heartbeat.interval.ms", 5_000, f"{_STREAMS}How often members send a heartbeat.", 1),
    _number("streams.assignment.interval.ms", 1_000, f"{_STREAMS}The pause between two assignments.", 0),
    _number("streams.initial.rebalance.delay.ms", 3_000, f"{_STREAMS}How long the first rebalance waits.", 0),
    _number("streams.num.standby.replicas", 0, f"{_STREAMS}Copies of each task's state.", 0),
)

PER_GROUP_ROWS: Final = (*CONSUMER, *SHARE, *STREAMS)


class Bounds(NamedTuple):
    """The broker's settings between which a group's own must lie; None where there is no such bound."""

    low: str | None
    high: str | None


NO_BOUNDS: Final = Bounds(None, None)


def _between(name: str) -> tuple[str, Bounds]:
    kind, rest = name.split(".", 1)
    return name, Bounds(f"group.{kind}.min.{rest}", f"group.{kind}.max.{rest}")


BOUNDS: Final[Mapping[str, Bounds]] = MappingProxyType(
    {
        **dict(
            _between(name)
            for name in (
                "consumer.session.timeout.ms",
                "consumer.heartbeat.interval.ms",
                "consumer.assignment.interval.ms",
                "share.session.timeout.ms",
                "share.heartbeat.interval.ms",
                "share.assignment.interval.ms",
                "share.record.lock.duration.ms",
                "share.delivery.count.limit",
                "share.partition.max.record.locks",
                "streams.session.timeout.ms",
                "streams.heartbeat.interval.ms",
                "streams.assignment.interval.ms",
            )
        ),
        "streams.num.standby.replicas": Bounds(None, "group.streams.max.standby.replicas"),
    }
)
"""What bounds a group's settings (the names follow Kafka's pattern)."""

LONGER: Final = tuple(
    (f"{kind}.session.timeout.ms", f"{kind}.heartbeat.interval.ms") for kind in ("consumer", "share", "streams")
)
"""Pairs of which the first must be more than the second: nobody may be removed between two heartbeats."""
