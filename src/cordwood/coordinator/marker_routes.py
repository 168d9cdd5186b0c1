"""How a marker gets to its partition.

    led by this broker   ── of an ordinary topic ────────> appended
                         └─ of `__consumer_offsets` ─────> through the shard, whose offsets then count or are forgotten
    led by another       ── all that wait for that broker ─> one request (`Remote`)

Lives here: that choice. Must not live here: who is owed a marker (`markers`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

from cordwood.coordinator.transaction_marker import Tell, TransactionMarker
from cordwood.log.log import Appended
from cordwood.metadata import Image
from cordwood.model.errors import CordwoodError
from cordwood.model.ids import BrokerId, Offset, TopicPartition
from cordwood.model.transaction_errors import MarkerNotWritten
from cordwood.replica.partition import Partition

SENT_AT_ONCE: Final = 1_000
"""The most markers of one request to another broker."""

Append: TypeAlias = Callable[[Partition, TransactionMarker], Appended]
"""Writes a marker into a partition of this broker. Raises CordwoodError, and then has written nothing."""

Outcomes: TypeAlias = Mapping["Sent", "CordwoodError | None"]


class Sent(NamedTuple):
    """One marker for one partition."""

    name: TopicPartition
    marker: TransactionMarker


class Remote(Protocol):
    """WriteTxnMarkers to other brokers."""

    async def write_markers(self, broker: BrokerId, markers: Sequence[Sent]) -> Outcomes:
        """None for each marker that is durable there, or its error. Raises nothing."""
        ...


class NoRemote:
    """A broker that knows no others."""

    async def write_markers(self, broker: BrokerId, markers: Sequence[Sent]) -> Outcomes:
        """Says so."""
        return {sent: MarkerNotWritten(str(sent.name), f"there is no channel to broker {broker}") for sent in markers}


class Partitions(Protocol):
    """The partitions of this broker."""

    def get(self, name: tuple[str, int]) -> Partition | None:
        """The partition, if this broker holds it and its log is sound."""
        ...

    def why_missing(self, topic: str, index: int) -> CordwoodError:
        """The error for a partition that `get` did not find."""
        ...


class LocalMarkers:
    """Markers into the partitions that this broker leads."""

    def __init__(self, partitions: Partitions, through: Mapping[str, Append]) -> None:
        """`through` names the topics whose partitions are written by somebody who has to know of it."""
        self._partitions = partitions
        self._through = through

    def write(self, name: TopicPartition, marker: TransactionMarker, tell: Tell) -> None:
        """Tells once what became of it, at once or later."""
        partition = self._partitions.get(name)
        if partition is None:
            tell(self._partitions.why_missing(*name))
            return
        append = self._through.get(name.topic, _append)
        try:
            appended = append(partition, marker)
        except CordwoodError as error:
            tell(error)
            return
        if partition.when_durable(Offset(appended.next_offset), tell):
            tell(None)


def _append(partition: Partition, marker: TransactionMarker) -> Appended:
    return marker.append_to(partition)


class MarkerRoutes:
    """Every partition of the cluster."""

    def __init__(
        self,
        image: Callable[[], Image],
        local: LocalMarkers,
        remote: Remote,
        broker_id: BrokerId,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._image = image
        self._local = local
        self._remote = remote
        self._broker_id = broker_id
        self._loop = loop
        self._queues: dict[BrokerId, list[tuple[Sent, Tell]]] = {}
        """What waits for each broker while a request to it is under way."""
        self._sending: dict[BrokerId, asyncio.Task[None]] = {}

    def is_gone(self, name: TopicPartition) -> bool:
        """Whether there is no such partition any more."""
        return self._image().find_partition(*name) is None

    def write(self, name: TopicPartition, marker: TransactionMarker, tell: Tell) -> None:
        """Tells once what became of it, at once or later."""
        state = self._image().find_partition(*name)
        leader = -1 if state is None else state.leader
        if leader == self._broker_id:
            self._local.write(name, marker, tell)
        elif leader < 0:
            tell(MarkerNotWritten(str(name), "it has no leader"))
        else:
            self._send(BrokerId(leader), Sent(name, marker), tell)

    def _send(self, broker: BrokerId, sent: Sent, tell: Tell) -> None:
        self._queues.setdefault(broker, []).append((sent, tell))
        if broker not in self._sending:
            self._sending[broker] = self._loop.create_task(self._empty(broker))

    async def _empty(self, broker: BrokerId) -> None:
        """Sends what waits for a broker, a request after the other."""
        try:
            while self._queues[broker]:
                queue = self._queues[broker]
                taken, self._queues[broker] = queue[:SENT_AT_ONCE], queue[SENT_AT_ONCE:]
                await self._exchange(broker, taken)
        finally:
            del self._sending[broker], self._queues[broker]

    async def _exchange(self, broker: BrokerId, taken: list[tuple[Sent, Tell]]) -> None:
        outcomes = await self._remote.write_markers(broker, [sent for sent, _ in taken])
        for sent, tell in taken:
            tell(outcomes[sent])

    async def close(self) -> None:
        """Sends no more."""
        sending = list(self._sending.values())
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
