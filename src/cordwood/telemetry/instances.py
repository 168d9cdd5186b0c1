"""The clients that asked for subscriptions lately, and when each may ask and push again.

Lives here: the state of each client and the rules of Kafka's ClientMetricsInstance about it. Must not live here: what
was pushed (`series`).

1. A client asks, or pushes, once in an interval; the first push after an answer may come at any time, since clients put
   it off by chance so that not all of them push at once.
2. Who was told that its subscription is unknown, or its compression, may ask at once.
3. Whoever said that it ends pushes no more.
4. When subscriptions change, everybody begins anew.
5. Who is not heard of for three intervals, or a minute, is forgotten; so is the one that was silent for longest when
   there are too many.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from cordwood.model.errors import CordwoodError, InvalidRequest
from cordwood.model.telemetry_errors import TelemetryTooEarly, UnknownSubscriptionId, UnknownTelemetryCompression
from cordwood.telemetry.client import Client
from cordwood.telemetry.subscriptions import Subscriptions, Wanted

SHORTEST_MEMORY_MS: Final = 60_000
INTERVALS_OF_MEMORY: Final = 3

_ASK_AT_ONCE: Final = (UnknownSubscriptionId, UnknownTelemetryCompression)


class Instance:
    """What is remembered of a client between its requests."""

    __slots__ = (
        "client",
        "expires_ms",
        "_last_error",
        "_last_get_ms",
        "_last_push_ms",
        "subscription_id",
        "subscriptions",
        "_terminating",
        "wanted",
    )

    def __init__(self, client: Client, subscriptions: Subscriptions) -> None:
        self.client = client
        self.subscriptions = subscriptions
        self.wanted: Wanted = subscriptions.wanted_of(client)
        self.subscription_id = self.wanted.subscription_id(client.instance_id)
        self.expires_ms = 0
        self._last_get_ms: int | None = None
        self._last_push_ms: int | None = None
        self._last_error: type[CordwoodError] | None = None
        self._terminating = False

    @property
    def memory_ms(self) -> int:
        """For how long it is remembered after a request."""
        return max(SHORTEST_MEMORY_MS, INTERVALS_OF_MEMORY * self.wanted.interval_ms)

    def ask(self, now_ms: int) -> None:
        """It asks for its subscription. Raises TelemetryTooEarly."""
        last_ms = max((at for at in (self._last_get_ms, self._last_push_ms) if at is not None), default=None)
        wait_ms = self._wait_ms(last_ms, now_ms)
        if wait_ms <= 0:
            self._last_get_ms = now_ms
        elif self._last_error not in _ASK_AT_ONCE:
            raise TelemetryTooEarly(wait_ms)
        self._last_error = None

    def push(self, subscription_id: int, terminating: bool, now_ms: int) -> None:
        """It pushes. Raises InvalidRequest, TelemetryTooEarly or UnknownSubscriptionId."""
        if self._terminating:
            raise InvalidRequest("the client said in its last push that it would send no more")
        self._terminating = terminating
        wait_ms = self._wait_ms(self._last_push_ms, now_ms)
        if wait_ms <= 0 or self._has_asked_since():
            self._last_push_ms = now_ms
        elif not terminating:
            raise TelemetryTooEarly(wait_ms)
        if subscription_id != self.subscription_id:
            raise UnknownSubscriptionId(subscription_id, self.subscription_id)

    def ended_with(self, error: CordwoodError | None) -> None:
        """What became of the push."""
        self._last_error = None if error is None else type(error)

    def _has_asked_since(self) -> bool:
        return self._last_get_ms is not None and (self._last_push_ms is None or self._last_get_ms > self._last_push_ms)

    def _wait_ms(self, last_ms: int | None, now_ms: int) -> int:
        return 0 if last_ms is None else last_ms + self.wanted.interval_ms - now_ms


class Instances:
    """The clients that are remembered, those heard of lately at the end."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._instances: OrderedDict[bytes, Instance] = OrderedDict()

    def __len__(self) -> int:
        return len(self._instances)

    def heard_of(self, client: Client, subscriptions: Subscriptions, now_ms: int) -> Instance:
        """The state of a client that sent a request."""
        instance = self._instances.pop(client.instance_id, None)
        if instance is None or instance.subscriptions is not subscriptions or instance.expires_ms <= now_ms:
            instance = Instance(client, subscriptions)
        instance.expires_ms = now_ms + instance.memory_ms
        self._instances[client.instance_id] = instance
        if len(self._instances) > self._limit:
            self._instances.popitem(last=False)
        return instance

    def forget(self, instance_id: bytes) -> None:
        """The client's connection is gone."""
        self._instances.pop(instance_id, None)

    def expire(self, now_ms: int) -> None:
        """Forgets whoever was silent for too long."""
        for instance_id in [key for key, one in self._instances.items() if one.expires_ms <= now_ms]:
            del self._instances[instance_id]
