"""What every handler needs: the broker's parts and the facts of the call at hand.

Lives here: plain holders. Must not live here: decisions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from cordwood.broker.admissions import Admissions
from cordwood.broker.fetch_sessions import FetchSessions
from cordwood.broker.quotas.quotas import Quotas
from cordwood.broker.transaction_calls import Coordinators
from cordwood.controller import Controller
from cordwood.controller.membership import Membership
from cordwood.coordinator.groups import GroupCoordinator
from cordwood.coordinator.transactions import TransactionCoordinator
from cordwood.env.background import Background
from cordwood.env.clock import Clock
from cordwood.env.dice import Dice
from cordwood.metadata import Image
from cordwood.metadata.topics import TopicDefaults
from cordwood.model.ids import BrokerId
from cordwood.model.settings import Layers
from cordwood.observe.requests import RequestCounts
from cordwood.peers.reception import Reception
from cordwood.replica.partitions import Partitions
from cordwood.telemetry.client_metrics import ClientMetrics
from cordwood.wire.schema import Message

Ask = Callable[[int, Message, int], Awaitable[Message]]
"""Asks a broker for something, in a version, and raises CordwoodError where it gives no answer."""


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """The settings that handlers act on."""

    broker_id: BrokerId
    auto_create_topics: bool = True
    delete_topic_enabled: bool = True
    topic_defaults: TopicDefaults = field(default_factory=TopicDefaults)
    fetch_max_bytes: int = 55 * 1024 * 1024
    fetch_wait_limit_ms: int = 300_000
    partition_request_limit: int = 2_000
    static: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Threshold:
    """What there is before the broker is ready: enough to let its peers in."""

    clock: Clock
    counts: RequestCounts
    loop: asyncio.AbstractEventLoop
    peers: Reception
    quotas: Quotas = field(default_factory=Quotas)


@dataclass(slots=True, kw_only=True)
class Context(Threshold):
    """The broker's parts, wired once by the node."""

    settings: BrokerSettings
    dice: Dice
    background: Background
    controller: Controller
    membership: Membership
    ask_broker: Ask
    """Hands a request on to another broker; its answer may take as long as the longest change of the quorum."""
    partitions: Partitions
    groups: GroupCoordinator
    transactions: TransactionCoordinator
    coordinators: Coordinators
    admissions: Admissions
    fetch_sessions: FetchSessions
    telemetry: ClientMetrics
    draining: bool = False

    @property
    def image(self) -> Image:
        """The newest published metadata."""
        return self.controller.image

    @property
    def controller_id(self) -> BrokerId:
        """Whom clients are told to be the controller: the leader of the quorum if it is known and a broker, else this one.

        Every broker takes requests for the controller.
        """
        leader = self.controller.leader
        return self.settings.broker_id if leader is None or leader not in self.image.brokers else leader

    @property
    def layers(self) -> Layers:
        """What lies under a topic's own settings on this broker: dynamic ones over those it was started with."""
        return self.layers_in(self.image)

    def layers_in(self, image: Image) -> Layers:
        """The same by another image."""
        return image.broker_layers(self.settings.broker_id, self.settings.static)


class Principal(NamedTuple):
    """Who somebody is: a kind, which is User, and a name."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


ANONYMOUS: Final = Principal("User", "ANONYMOUS")
"""Who does not say who he is (Kafka's name)."""


def _never(_: int) -> None:
    """Holds nothing up: the session has no connection."""


class Session:
    """What is known of one connection."""

    __slots__ = ("at_end", "listener", "mute", "peer", "peer_id", "principal", "software_name", "software_version")

    def __init__(self, listener: str, peer: str, mute: Callable[[int], None] = _never) -> None:
        self.listener = listener
        self.peer = peer
        self.mute = mute
        """Reads no further requests for so many milliseconds; answers go out."""
        self.principal = ANONYMOUS
        self.software_name = ""
        self.software_version = ""
        self.peer_id: int | None = None
        """The broker at the other end, once it said who it is."""
        self.at_end: Callable[[], None] | None = None
        """What is to be forgotten with the connection, if anything."""

    def end(self) -> None:
        """The connection is gone."""
        if self.at_end is not None:
            self.at_end()


class Call:
    """One request: who asks, and in which version."""

    __slots__ = ("api_version", "busy_since", "client_id", "mute_ms", "session", "spent_s", "throttle_ms")

    def __init__(self, session: Session, api_version: int, client_id: str | None) -> None:
        self.session = session
        self.api_version = api_version
        self.client_id = client_id
        self.throttle_ms = 0
        """How long the client is told to wait, because it is over a quota."""
        self.mute_ms = 0
        """How long nothing more is read from it, once it was answered."""
        self.busy_since: float | None = None
        """Since when the event loop has been busy with it, where anybody asks."""
        self.spent_s = 0.0
        """How long it had been before."""

    def hold(self, throttle_ms: int) -> None:
        """Its client waits for so long, and is told so."""
        self.throttle_ms = max(self.throttle_ms, throttle_ms)
        self.mute_ms = max(self.mute_ms, throttle_ms)
