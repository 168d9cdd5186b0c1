"""An idempotent producer with several batches in flight, which are all sent again in their order when one gets no answer.

      unacknowledged:  [ 4, 5, 6 ]      sent, in order; what the first one's answer says decides
                         │
                         ├─ acknowledged: it leaves the queue
                         ├─ an error worth another try, or no answer: a new connection, and all are sent again
                         └─ any other error: noted; a broker that keeps its promises gives none

Lives here: one producer of one partition. Must not live here: whether the broker kept its promises (`promises`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.sim.clients.connection import BrokerConnection, Refused, Unanswered
from cordwood.sim.promises.notes import Acknowledged, Notes, Place, Sent
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from cordwood.wire.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData

VERSION: Final = 9
IN_FLIGHT: Final = 5
RECORDS: Final = 4
VALUE_BYTES: Final = 300
THINK_MS: Final = 120

if TYPE_CHECKING:
    from cordwood.wire.messages.produce import PartitionProduceResponse


class Producer:
    """Produces to one partition until it is told to finish."""

    def __init__(self, connection: BrokerConnection, place: Place, notes: Notes) -> None:
        self._connection = connection
        self._dice = connection.dice
        self._topic, self._partition = place[1:]
        self._sent = notes.sent.setdefault(place, [])
        self._acknowledged = notes.acknowledged.setdefault(place, [])
        self._notes = notes
        self._unacknowledged: deque[Sent] = deque()
        self._in_flight = 0
        self._sequence = 0
        self._count = 0
        self.finishing = False

    async def run(self) -> None:
        """Returns when everything is acknowledged after `finishing` was set, or when the broker refused something."""
        try:
            request = InitProducerIdRequest(None, 60_000)
            answer = await self._connection.ask_until(
                request, 2, InitProducerIdResponse, lambda response: [response.error_code]
            )
            while not self.finishing or self._unacknowledged:
                await self._step(answer.producer_id, answer.producer_epoch)
        except Refused as error:
            self._notes.refused.append(f"{self._connection.name}: {error}")
        finally:
            self._connection.abort()

    async def _step(self, producer_id: int, epoch: int) -> None:
        if not self.finishing and len(self._unacknowledged) < IN_FLIGHT:
            self._make(producer_id, epoch)
        try:
            await self._connection.open()
            while self._in_flight < len(self._unacknowledged):
                self._send(self._unacknowledged[self._in_flight])
            if self._in_flight == IN_FLIGHT or self.finishing or not self._dice.below(3):
                self._judge((await self._connection.receive(ProduceResponse)).responses[0].partition_responses[0])
                await asyncio.sleep(self._dice.below(THINK_MS) / 1000)
        except Unanswered as error:
            self._in_flight = 0
            self._connection.abort()
            await self._connection.back_off(str(error))

    def _make(self, producer_id: int, epoch: int) -> None:
        values = []
        for _ in range(1 + self._dice.below(RECORDS)):
            self._count += 1
            padding = b"." * self._dice.below(VALUE_BYTES)
            values.append(b"%s %d %s" % (self._connection.name.encode(), self._count, padding))
        batch = Sent(producer_id, epoch, self._sequence, tuple(values))
        self._sequence += len(values)
        self._sent.append(batch)
        self._unacknowledged.append(batch)

    def _send(self, batch: Sent) -> None:
        self._in_flight += 1
        records = [Record(0, 1_700_000_000_000, None, value) for value in batch.values]
        data = build_batch(
            records,
            producer_id=batch.producer_id,
            producer_epoch=batch.epoch,
            base_sequence=batch.base_sequence,
        )
        partition = PartitionProduceData(self._partition, memoryview(data))
        topic = TopicProduceData(self._topic, partition_data=[partition])
        self._connection.send(ProduceRequest(None, -1, 30_000, [topic]), VERSION)

    def _judge(self, answer: PartitionProduceResponse) -> None:
        """What the answer means for the first batch. Raises Refused, and Unanswered to begin anew."""
        code = answer.error_code
        if code in {ErrorCode.NONE, ErrorCode.DUPLICATE_SEQUENCE_NUMBER}:
            offset = answer.base_offset if answer.base_offset >= 0 else None
            self._acknowledged.append(Acknowledged(self._unacknowledged.popleft(), offset))
            self._in_flight -= 1
        elif ErrorCode(code).retriable:
            raise Unanswered(ErrorCode(code).name)
        else:
            raise Refused(code, f"the batch {self._unacknowledged[0].key}")
