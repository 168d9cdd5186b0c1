"""What clients are asked for: subscriptions, each a resource of its own, and which of them hold for a client.

Lives here: reading a subscription's settings, matching clients, the sum over all that match, and its number. Must not
live here: when a client may ask or push (`instances`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import crc32c
import msgspec

from cordwood.model.errors import InvalidConfig
from cordwood.model.group_errors import InvalidRegularExpression
from cordwood.model.regex import matcher
from cordwood.model.settings.client_metrics_rows import CLIENT_METRICS_ROWS
from cordwood.model.settings.setting import Value
from cordwood.telemetry.client import Client

ALL: Final = "*"
"""Stands for every metric, in a subscription and in what clients are told."""

_SETTINGS: Final = {row.name: row for row in CLIENT_METRICS_ROWS}

Matches = Callable[[str], bool]


class Wanted(msgspec.Struct, frozen=True):
    """What one client is to send, and how often; no metrics at all where nothing is subscribed to."""

    metrics: tuple[str, ...]
    interval_ms: int

    def subscription_id(self, instance_id: bytes) -> int:
        """A number of 32 bits that changes when the wish does, and is another for each client."""
        # No comma is in a name: names come from a list with commas between them.
        text = f"{','.join(self.metrics)}:{self.interval_ms}"
        folded = 0
        for start in range(0, len(instance_id), 4):
            folded ^= int.from_bytes(instance_id[start : start + 4], "big")
        number: int = crc32c.crc32c(text.encode()) ^ folded
        return number - (1 << 32) if number >= 1 << 31 else number


class _Subscription(msgspec.Struct, frozen=True):
    metrics: frozenset[str]
    interval_ms: int
    conditions: tuple[tuple[str, Matches], ...]

    def holds_for(self, attributes: Mapping[str, str | None]) -> bool:
        for name, matches in self.conditions:
            value = attributes.get(name)
            if value is None or not matches(value):
                return False
        return True


class Subscriptions:
    """All subscriptions as they are at one moment; never changed."""

    def __init__(self, configs: Mapping[str, Mapping[str, str]]) -> None:
        """`configs` are the settings given to each subscription, by its name."""
        self._all = [_subscription(given) for given in configs.values()]

    def wanted_of(self, client: Client) -> Wanted:
        """What all subscriptions that match a client want of it together, at the shortest of their intervals."""
        attributes = client.attributes()
        interval_ms = _interval(None)
        metrics: set[str] = set()
        for one in self._all:
            if one.holds_for(attributes):
                metrics |= one.metrics
                interval_ms = min(interval_ms, one.interval_ms)
        return Wanted((ALL,) if ALL in metrics else tuple(sorted(metrics)), interval_ms)


def _subscription(given: Mapping[str, str]) -> _Subscription:
    return _Subscription(
        metrics=frozenset(_words("metrics", given)),
        interval_ms=_interval(given.get("interval.ms")),
        conditions=tuple(_conditions(_words("match", given))),
    )


def _conditions(patterns: Iterable[str]) -> Iterable[tuple[str, Matches]]:
    for pattern in patterns:
        name, _, expression = pattern.partition("=")
        try:
            yield name.strip(), matcher(expression.strip())
        except InvalidRegularExpression:
            # It was checked when it was set; what a later release wrote and we cannot read matches nobody.
            yield name.strip(), _nobody


def _nobody(_text: str) -> bool:
    return False


def _words(name: str, given: Mapping[str, str]) -> tuple[str, ...]:
    value = _value(name, given.get(name))
    return value if isinstance(value, tuple) else ()


def _interval(text: str | None) -> int:
    value = _value("interval.ms", text)
    assert isinstance(value, int), value
    return value


def _value(name: str, text: str | None) -> Value:
    """The value given, or the default; the default too where a later release wrote what this one does not allow."""
    setting = _SETTINGS[name]
    if text is None:
        return setting.default
    try:
        return setting.parse(text)
    except InvalidConfig:
        return setting.default
