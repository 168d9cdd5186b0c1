"""The face of this package: clients ask what to send, send it, and go.

Lives here: putting the parts together, and counting. Must not live here: requests and answers (`broker.handlers.telemetry`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import msgspec

from cordwood.model.errors import CordwoodError
from cordwood.model.limits import TELEMETRY_INSTANCES_LIMIT, TELEMETRY_PUSHES_LIMIT
from cordwood.model.telemetry_errors import TelemetryBusy, TelemetryTooLarge, UnknownTelemetryCompression
from cordwood.records.batch import Codec
from cordwood.telemetry.client import Client
from cordwood.telemetry.exposition import Family, Sample, samples
from cordwood.telemetry.instances import Instance, Instances
from cordwood.telemetry.otlp import read
from cordwood.telemetry.series import Series
from cordwood.telemetry.settings import TelemetrySettings
from cordwood.telemetry.subscriptions import Subscriptions

ACCEPTED: Final = (Codec.ZSTD, Codec.LZ4, Codec.GZIP, Codec.SNAPPY)
"""What clients may compress with, the best first."""

EXPIRY_MS: Final = 10_000
"""How often, at most, requests look for clients that have fallen silent."""


class Push(msgspec.Struct, frozen=True):
    """What a client sends."""

    subscription_id: int
    terminating: bool
    compression: int
    payload: bytes


class Contents(msgspec.Struct, frozen=True):
    """What was in a push."""

    samples: list[Sample]
    dropped: int


class TelemetryReport(msgspec.Struct, frozen=True):
    """Everything that there is to be shown, at one moment."""

    instances: int
    series: int
    pushes: int
    refused: dict[str, int]
    """Requests that were refused, by the name of the error."""
    dropped_points: int
    families: list[Family]


class ClientMetrics:
    """The metrics of all clients of one broker."""

    def __init__(self, settings: TelemetrySettings) -> None:
        self.settings = settings
        self._subscriptions = Subscriptions({})
        self._configs: Mapping[str, Mapping[str, str]] = {}
        self._instances = Instances(TELEMETRY_INSTANCES_LIMIT)
        self._series = Series(settings.max_series, settings.max_series_per_client)
        self._being_read = 0
        self._pushes = 0
        self._refused: Counter[str] = Counter()
        self._dropped_points = 0
        self._next_expiry_ms = 0

    def follow(self, configs: Mapping[str, Mapping[str, str]]) -> None:
        """The subscriptions are now these: settings by the name of the subscription."""
        if configs != self._configs:
            self._configs = configs
            self._subscriptions = Subscriptions(configs)

    def ask(self, client: Client, now_ms: int) -> Instance:
        """A client asks what it is to send. Raises TelemetryTooEarly."""
        instance = self._heard_of(client, now_ms)
        try:
            instance.ask(now_ms)
        except CordwoodError as error:
            self._refused[type(error).__name__] += 1
            raise
        return instance

    def admit(self, client: Client, push: Push, now_ms: int) -> Instance:
        """A client sends something, which is to be read next.

        Raises InvalidRequest, TelemetryTooEarly, UnknownSubscriptionId, UnknownTelemetryCompression or TelemetryTooLarge.
        """
        instance = self._heard_of(client, now_ms)
        try:
            instance.push(push.subscription_id, push.terminating, now_ms)
            if push.compression not in (Codec.NONE, *ACCEPTED):
                raise UnknownTelemetryCompression(push.compression)
            if len(push.payload) > self.settings.max_bytes:
                raise TelemetryTooLarge(self.settings.max_bytes)
        except CordwoodError as error:
            self.refuse(instance, error)
            raise
        return instance

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While a push is read. Raises TelemetryBusy where too many are already."""
        if self._being_read >= TELEMETRY_PUSHES_LIMIT:
            raise TelemetryBusy(TELEMETRY_PUSHES_LIMIT)
        self._being_read += 1
        try:
            yield
        finally:
            self._being_read -= 1

    def contents(self, client: Client, push: Push) -> Contents:
        """Reads what was sent; changes nothing, and is a background thread's work.

        Raises TelemetryTooLarge or InvalidTelemetry.
        """
        reading = read(Codec(push.compression), push.payload, self.settings.max_bytes)
        made = list(samples(client, reading.points))
        usable = [sample for sample in made if sample is not None]
        return Contents(usable, reading.skipped + len(made) - len(usable))

    def keep(self, instance: Instance, contents: Contents, now_ms: int) -> None:
        """What was sent is shown from now on."""
        expires_ms = now_ms + instance.memory_ms
        beyond = self._series.keep(instance.client.instance_id, contents.samples, expires_ms)
        self._dropped_points += contents.dropped + beyond
        self._pushes += 1
        instance.ended_with(None)

    def refuse(self, instance: Instance, error: CordwoodError) -> None:
        """What was sent cannot be taken."""
        self._refused[type(error).__name__] += 1
        instance.ended_with(error)

    def forget(self, instance_id: bytes) -> None:
        """The connection of the client is gone; what it pushed is shown for a while yet."""
        self._instances.forget(instance_id)

    def report(self, now_ms: int) -> TelemetryReport:
        """What there is to show."""
        self._expire(now_ms)
        return TelemetryReport(
            instances=len(self._instances),
            series=len(self._series),
            pushes=self._pushes,
            refused=dict(self._refused),
            dropped_points=self._dropped_points,
            families=self._series.families(),
        )

    def _heard_of(self, client: Client, now_ms: int) -> Instance:
        if now_ms >= self._next_expiry_ms:
            self._next_expiry_ms = now_ms + EXPIRY_MS
            self._expire(now_ms)
        return self._instances.heard_of(client, self._subscriptions, now_ms)

    def _expire(self, now_ms: int) -> None:
        self._instances.expire(now_ms)
        self._series.expire(now_ms)
