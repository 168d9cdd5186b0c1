"""The transaction coordinator of a broker: its transactional ids over the partitions of `__transaction_state` that it leads.

    coordinator.run("payments", EndTransaction("payments", ...))   -> the answer, or a future of it
    coordinator.ask(DescribeTransaction("payments"))               -> what is so now
    coordinator.write_marker(partition, marker)                    -> what another coordinator asks for (WriteTxnMarkers)

Lives here: the face, and the producer ids that commands bring along. Must not live here: decisions (txns), which shard an
id belongs to (`routing`), what happens within a shard (`shard_runner`), who is owed a marker (`markers`). Everything runs
on the event loop's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from cordwood.coordinator.endings import Endings
from cordwood.coordinator.face import Coordinator
from cordwood.coordinator.marker_routes import Append, LocalMarkers, MarkerRoutes, NoRemote, Partitions, Remote
from cordwood.coordinator.markers import MarkerWriter
from cordwood.coordinator.routing import InternalTopics, Metadata, Shards
from cordwood.coordinator.settings import TRANSACTIONS_TOPIC, CoordinatorSettings
from cordwood.coordinator.surroundings import Surroundings
from cordwood.coordinator.transaction_counts import TransactionCounts
from cordwood.coordinator.transaction_marker import TransactionMarker
from cordwood.coordinator.transaction_report import TransactionReport, report_of
from cordwood.coordinator.transaction_shards import TransactionShards
from cordwood.env.background import Background
from cordwood.env.clock import Clock
from cordwood.env.dice import Dice
from cordwood.metadata import Image
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import CoordinatorNotAvailable
from cordwood.model.ids import NO_PRODUCER_ID, BrokerId, TopicPartition
from cordwood.txns.commands import Command, EndTransaction, InitProducerId
from cordwood.txns.listing import Listed, ListTransactions, unknown_states
from cordwood.txns.shard import Shard

NO_REMOTE: Final = NoRemote()


class TransactionCoordinator(Coordinator[Shard]):
    """All transactional ids whose partitions this broker leads."""

    def __init__(
        self,
        partitions: Partitions,
        metadata: Metadata,
        *,
        through: Mapping[str, Append],
        broker_id: BrokerId,
        settings: CoordinatorSettings,
        clock: Clock,
        dice: Dice,
        background: Background,
        loop: asyncio.AbstractEventLoop,
        remote: Remote = NO_REMOTE,
    ) -> None:
        """`through` names the topics into which markers go by way of their own coordinator."""
        self.settings = settings
        self.counts = TransactionCounts()
        self._metadata = metadata
        self._broker_id = broker_id
        self._clock = clock
        self._loop = loop
        self._local = LocalMarkers(partitions, through)
        self._routes = MarkerRoutes(lambda: metadata.image, self._local, remote, broker_id, loop)
        self._markers = MarkerWriter(self._routes, self.counts, loop)
        self._endings = Endings(loop)
        shards: Shards[Shard] = Shards(
            TRANSACTIONS_TOPIC,
            TransactionShards(settings, clock, self.counts, self._markers, self._endings),
            internal_topics=InternalTopics(metadata, dice, settings.internal_topics),
            partitions=partitions,
            broker_id=broker_id,
            around=Surroundings(loop=loop, clock=clock, background=background),
        )
        super().__init__(shards)
        self._bringing: set[asyncio.Task[Any]] = set()
        """Who waits for a fresh producer id, and then as everybody for the shard."""

    # Life.

    def start(self) -> None:
        """Takes up the shards that this broker leads, once its partitions are open."""
        self._shards.lead(self._metadata.image)

    def follow(self, before: Image, after: Image) -> None:
        """Follows one change of the metadata, after the partitions did."""
        if after.topics is not before.topics:
            self._shards.lead(after)
            self._loop.call_soon(self.try_again)  # By then the image is shown.

    async def close(self) -> None:
        """Ends every shard; whoever waits is told that this broker coordinates no more."""
        self._markers.close()
        await self._routes.close()
        await self._shards.close()

    @property
    def is_ending(self) -> bool:
        """Whether transactions wait for their markers."""
        return self._markers.ending_count > 0

    def try_again(self) -> None:
        """Writes markers that had to wait, now: what kept them may have changed."""
        self._markers.try_again()

    # Transactions.

    def run(self, transactional_id: str, command: Command) -> Any:  # noqa: ANN401 - the command knows what answers it.
        """Carries out a command: its answer, or a future of it, which is a CordwoodError where the command failed.

        A fresh producer id is brought along where one is needed. Raises NotCoordinator, CoordinatorLoading,
        CoordinatorNotAvailable.
        """
        runner = self._shards.runner(transactional_id)
        if isinstance(command, InitProducerId | EndTransaction) and command.fresh_producer_id == NO_PRODUCER_ID:
            runner.check_active(transactional_id)
            if runner.shard.needs_producer_id(command):
                task = self._loop.create_task(self._run_with_fresh_id(transactional_id, command))
                self._bringing.add(task)
                task.add_done_callback(self._bringing.discard)
                return task
        return runner.run(command)

    async def _run_with_fresh_id(self, transactional_id: str, command: InitProducerId | EndTransaction) -> Any:  # noqa: ANN401
        """As `run`; what that raises is the answer."""
        try:
            fresh = await self._metadata.new_producer_id(self._broker_id)
        except CordwoodError as error:
            return CoordinatorNotAvailable(transactional_id, f"there is no fresh producer id for it: {error}")
        try:
            answer = self._shards.run(transactional_id, msgspec.structs.replace(command, fresh_producer_id=fresh))
        except CordwoodError as error:
            return error
        return await answer if isinstance(answer, asyncio.Future) else answer

    async def over(self, transactional_id: str, within_ms: float) -> None:
        """Returns when no marker of the id's transaction is owed any more, or so much time has passed."""
        try:
            is_over = self._shards.runner(transactional_id).shard.unfinished(transactional_id) is None
        except CordwoodError:
            return  # Whoever asks again is told why.
        if is_over:
            await asyncio.sleep(0)
        else:
            await self._endings.over(transactional_id, within_ms)

    def ask(self, query: Any) -> Any:  # noqa: ANN401 - the query knows what answers it.
        """What is so with a transactional id now. Raises as `run`, and what the query raises."""
        return self._shards.ask(query.transactional_id, query)

    def list(self, query: ListTransactions) -> Listed:
        """The transactions of all shards. Raises CoordinatorLoading while one of them loads."""
        found = [runner.ask(query) for runner in self._shards.all]
        return Listed(tuple(listing for listed in found for listing in listed.transactions), unknown_states(query))

    def write_marker(self, name: TopicPartition, marker: TransactionMarker) -> asyncio.Future[CordwoodError | None]:
        """Ends a transaction in a partition of this broker, for whichever coordinator: None once that is durable."""
        written: asyncio.Future[CordwoodError | None] = self._loop.create_future()

        def tell(error: CordwoodError | None) -> None:
            if not written.done():  # Whoever waited may have gone.
                written.set_result(error)

        self._local.write(name, marker, tell)
        return written

    async def report(self) -> TransactionReport:
        """The transactions of this broker, what happened since the start, and what is owed."""
        return await report_of(
            self.shards,
            self.counts,
            self._clock,
            ending=self._markers.ending_count,
            waiting_markers=self._markers.failed_count,
        )
