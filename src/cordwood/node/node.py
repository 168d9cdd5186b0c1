"""The composition root: one broker put together from its parts, started and stopped in the right order.

Lives here: which concrete class plays which part. Must not live here: decisions, requests, file formats.

Start: threads and flusher, addresses (bound, so that port 0 is known), the metadata quorum (peers are let in, until this
node's image is not stale), logs (recovered), registration (an unclean start gives every partition a new leader epoch),
partitions, and only then clients are let in.
Stop is the same backwards: another node leads the quorum, no new clients, what is in flight is answered, logs are synced
and closed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from functools import cache
from typing import Final

from msgspec.structs import replace

from cordwood.broker.admissions import Admissions
from cordwood.broker.context import BrokerSettings, Context, Threshold
from cordwood.broker.fetch_sessions import FetchSessions
from cordwood.broker.remote_coordinators import RemoteCoordinators
from cordwood.broker.transaction_calls import Coordinators
from cordwood.controller import Transition
from cordwood.coordinator.groups import GroupCoordinator
from cordwood.coordinator.remote_markers import ChannelMarkers
from cordwood.coordinator.report import GroupReport
from cordwood.coordinator.settings import OFFSETS_TOPIC, coordinator_settings, group_settings
from cordwood.coordinator.transaction_report import TransactionReport
from cordwood.coordinator.transactions import TransactionCoordinator
from cordwood.log.compaction.tools import Progress
from cordwood.log.config import LogConfig
from cordwood.log.manager import LogManager
from cordwood.metadata import Endpoint, Image, ResourceKind
from cordwood.metadata.brokers import Registration
from cordwood.metadata.topics import InternalTopic
from cordwood.model.errors import StorageFailed
from cordwood.model.ids import BrokerId, TopicPartition
from cordwood.model.settings import Layers
from cordwood.node.configuration import NodeConfig
from cordwood.node.limiting import Limiting
from cordwood.node.quorum import Quorum
from cordwood.node.world import World
from cordwood.observe.quorum import QuorumCounts
from cordwood.observe.requests import RequestCounts
from cordwood.replica.cleaning import Cleaning
from cordwood.replica.housekeeping import Housekeeping
from cordwood.replica.log_settings import cleaner_config, opening_threads
from cordwood.replica.partition import Partition
from cordwood.replica.partitions import Partitions
from cordwood.replica.topic_settings import Resolved
from cordwood.telemetry.client_metrics import ClientMetrics, TelemetryReport

__all__ = ["Node", "World"]

logger = logging.getLogger(__name__)

PROGRESS_SECONDS: Final = 1.0
"""How often a long start tells how far it came."""


class Node:
    """One broker."""

    def __init__(self, config: NodeConfig, world: World | None = None) -> None:
        self._config = config
        self._world = world or World()
        self._background = self._world.new_background(config.background_threads)
        self._flusher = self._world.new_flusher(self._background, self._world.clock)
        self._limiting = Limiting(config.quotas)
        self.throttle_counts = self._limiting.counts
        self._ports = self._limiting.new_ports(config)
        self._quorum = Quorum(config, self._world, self._background, self._flusher, self._say)
        self._opened = AsyncExitStack()
        self._counts = RequestCounts()
        self.telemetry = ClientMetrics(config.telemetry)
        self.ready = False
        self.starting = "starting"
        """How far the start came, for people."""
        self._next_progress = self._world.clock.monotonic() + PROGRESS_SECONDS

    @property
    def config(self) -> NodeConfig:
        """The settings it was started with."""
        return self._config

    # Starting.

    async def start(self) -> None:
        """Returns when clients are served.

        Raises NotFounded, DirectoryLocked, CorruptLog or StorageFailed for the data directories, OSError for the
        addresses, GroupStopped after `give_up`.
        """
        try:
            await self._start()
        except BaseException:
            await self._release()
            raise
        self.ready = True

    async def _start(self) -> None:
        config, world = self._config, self._world
        self._on_release(self._background.close)
        self._on_release(self._flusher.close)
        loop = asyncio.get_running_loop()
        await self._ports.bind()
        self.controller = await self._quorum.open(self._ports.peer_endpoint)
        self._opened.push_async_callback(self._quorum.leave)
        self._opened.callback(self._limiting.close)
        peers = self._quorum.peering.reception
        self._ports.door.let_peers_in(Threshold(clock=world.clock, counts=self._counts, loop=loop, peers=peers))
        await self._ports.serve()
        await self._quorum.join()
        self._manager = await asyncio.wrap_future(self._background.submit(self._open_logs))
        self._on_release(self._manager.close)
        self.cleaning = Cleaning(
            self._background, world.clock, world.disk, cleaner_config(self._layers_of(self.controller.image))
        )
        self._on_release(self.cleaning.close)
        self.partitions = Partitions(
            self._manager,
            broker_id=BrokerId(config.node_id),
            layers_of=self._layers_of,
            disk=world.disk,
            reserve_bytes=config.disk_reserve_bytes,
            flusher=self._flusher,
            background=self._background,
            post=loop.call_soon_threadsafe,
            cleaning=self.cleaning,
        )
        self._opened.callback(self.partitions.close)
        self._new_coordinators(loop)
        self.context = self._new_context(loop)
        await self._register()
        self.partitions.open(self.controller.image)
        self.groups.start()
        self.transactions.start()
        self._limiting.follow(self.controller.image, self._layers_of(self.controller.image))
        self.controller.subscribe(self._follow)
        self.telemetry.follow(self.controller.image.configs_of_kind(ResourceKind.CLIENT_METRICS))
        self.housekeeping = Housekeeping(
            self.partitions,
            self._manager,
            self._background,
            world.clock,
            config.rounds,
        )
        self.housekeeping.start()
        self._opened.push_async_callback(self.housekeeping.stop)
        self._ports.door.open(self.context)

    def give_up(self) -> None:
        """A start that waits for a majority of the metadata quorum fails instead."""
        self._quorum.give_up()

    def _say(self, starting: str) -> None:
        self.starting = starting
        logger.info("%s", starting)

    def _open_logs(self) -> LogManager:
        """In a background thread, so that the health can be asked while logs are recovered."""
        image = self.controller.image
        layers, resolved = self._layers_of(image), Resolved()

        @cache
        def config_of(topic: str) -> LogConfig:
            return resolved.of(image.topic_configs(topic), layers).log

        def config_for(name: TopicPartition) -> LogConfig | None:
            is_known = image.find_partition(name.topic, name.partition) is not None
            return config_of(name.topic) if is_known else None

        return LogManager.open(
            self._config.data_dirs,
            disk=self._world.disk,
            clock=self._world.clock,
            flusher=self._flusher,
            config_for=config_for,
            progress=self._progress,
            threads_per_directory=opening_threads(self._layers_of(image)),
        )

    def _progress(self, opened: int, total: int) -> None:
        self.starting = f"opened {opened} of {total} logs"
        now = self._world.clock.monotonic()
        if now >= self._next_progress:
            self._next_progress = now + PROGRESS_SECONDS
            logger.info("%s", self.starting)

    def _on_release(self, close: Callable[[], None]) -> None:
        """`close` waits for disks: it is called in a thread. A disk that fails there is told and not passed on."""

        async def closed() -> None:
            try:
                await asyncio.to_thread(close)
            except StorageFailed as error:
                logger.error("not everything could be closed in good order: %s", error)

        self._opened.push_async_callback(closed)

    def _layers_of(self, image: Image) -> Layers:
        return image.broker_layers(self._config.node_id, self._config.static)

    def _new_coordinators(self, loop: asyncio.AbstractEventLoop) -> None:
        """Groups first: a transaction ends in their partitions by way of them."""
        config, world = self._config, self._world
        self.groups = GroupCoordinator(
            self.partitions,
            self.controller,
            broker_id=BrokerId(config.node_id),
            settings=coordinator_settings(self._layers_of(self.controller.image)),
            group_settings_of=lambda image: group_settings(image, self._layers_of(image)),
            clock=world.clock,
            dice=world.dice,
            background=self._background,
            loop=loop,
        )
        self._opened.push_async_callback(self.groups.close)
        self.transactions = TransactionCoordinator(
            self.partitions,
            self.controller,
            through={OFFSETS_TOPIC: self.groups.append_marker},
            broker_id=BrokerId(config.node_id),
            settings=self.groups.settings,
            clock=world.clock,
            dice=world.dice,
            background=self._background,
            loop=loop,
            remote=ChannelMarkers(self._quorum.peering.channels.ask),
        )
        self._opened.push_async_callback(self.transactions.close)

    def _new_context(self, loop: asyncio.AbstractEventLoop) -> Context:
        config = self._config
        coordinators = Coordinators(
            self.transactions,
            broker_id=BrokerId(config.node_id),
            wait_limit_ms=self.groups.settings.concurrent_wait_limit_ms,
            clock=self._world.clock,
            loop=loop,
            peers=RemoteCoordinators(self._quorum.peering.channels.ask),
        )
        return Context(
            settings=_broker_settings(config, self.groups.settings.internal_topics),
            clock=self._world.clock,
            dice=self._world.dice,
            background=self._background,
            controller=self.controller,
            membership=self._quorum.membership,
            ask_broker=self._quorum.peering.slow_channels.ask,
            partitions=self.partitions,
            groups=self.groups,
            transactions=self.transactions,
            coordinators=coordinators,
            admissions=Admissions(coordinators),
            fetch_sessions=FetchSessions(config.fetch_session_slots, self._world.clock, self._world.dice),
            telemetry=self.telemetry,
            counts=self._counts,
            loop=loop,
            peers=self._quorum.peering.reception,
            quotas=self._limiting.quotas,
        )

    async def _register(self) -> None:
        registration = Registration(
            id=BrokerId(self._config.node_id),
            incarnation=self._world.dice.token(16),
            endpoints=tuple(self.addresses),
            rack=self._config.rack,
            clean=self._manager.clean_start,
        )
        await self._quorum.register(registration)

    async def _follow(self, transition: Transition) -> None:
        self.cleaning.reconfigure(cleaner_config(self._layers_of(transition.after)))
        await self.partitions.apply(transition.before, transition.after)
        self._limiting.follow(transition.after, self._layers_of(transition.after))
        self.groups.follow(transition.before, transition.after)
        self.transactions.follow(transition.before, transition.after)
        if transition.after.configs is not transition.before.configs:
            self.telemetry.follow(transition.after.configs_of_kind(ResourceKind.CLIENT_METRICS))

    # Asking.

    @property
    def addresses(self) -> list[Endpoint]:
        """The advertised addresses."""
        return self._ports.endpoints

    @property
    def bound(self) -> list[tuple[str, int]]:
        """Host and port of each listening socket."""
        return self._ports.bound

    @property
    def image(self) -> Image:
        """The metadata as it is now."""
        return self.controller.image

    @property
    def request_counts(self) -> RequestCounts:
        """Requests since the start."""
        return self._counts

    @property
    def held_partitions(self) -> Collection[Partition]:
        """The partitions that this broker holds."""
        return self.partitions.all()

    @property
    def compaction(self) -> tuple[Progress | None, int]:
        """What was compacted so far, if anything had to be, and how many logs could not be."""
        return self.cleaning.progress, self.cleaning.failure_count

    @property
    def quorum_counts(self) -> QuorumCounts:
        """The metadata quorum as this node sees it."""
        return self._quorum.counts()

    async def group_report(self) -> GroupReport:
        """The groups that this broker coordinates."""
        return await self.groups.report()

    async def transaction_report(self) -> TransactionReport:
        """The transactions that this broker coordinates."""
        return await self.transactions.report()

    def telemetry_report(self) -> TelemetryReport:
        """What clients pushed to this broker."""
        return self.telemetry.report(int(self._world.clock.monotonic() * 1000))

    @property
    def connection_counts(self) -> list[tuple[str, int, int, int]]:
        """For each listener: its name, connections open now, accepted and refused since the start."""
        return self._ports.connection_counts

    @property
    def failure(self) -> Exception | None:
        """Why the broker cannot go on: its metadata cannot be written any more, or it is not of the cluster any more."""
        return self.controller.failure or self.partitions.failure or self._quorum.taken_out

    # Stopping.

    async def stop(self) -> None:
        """Lets no one in, answers what is in flight, syncs everything and releases the directories."""
        self.ready = False
        await self._quorum.hand_over()
        await self._ports.stop_accepting()
        self.context.draining = True
        self.partitions.wake_all()
        await self.transactions.close()
        await self.groups.close()
        await self._ports.drain()
        await self._release()

    async def _release(self) -> None:
        """Closes what was opened, the last first, as far as the start came; each whatever became of the others."""
        await self._ports.stop_accepting()
        await self._opened.aclose()


def _broker_settings(config: NodeConfig, internal_topics: dict[str, InternalTopic]) -> BrokerSettings:
    """What handlers act on, of the settings of a node."""
    return BrokerSettings(
        broker_id=BrokerId(config.node_id),
        auto_create_topics=config.auto_create_topics,
        delete_topic_enabled=config.delete_topic_enabled,
        partition_request_limit=config.partition_request_limit,
        topic_defaults=replace(config.topic_defaults, internal=internal_topics),
        fetch_max_bytes=config.fetch_max_bytes,
        static=config.static,
    )
