"""Produce (0): appends each partition's batch and answers when it is acknowledged.

Serves 3 to 13; 0 to 2 are advertised for old librdkafka's sake and answered UNSUPPORTED_VERSION.

The road is plain calls down to the write. Nothing is awaited here: where an acknowledgement needs a sync, the response
is kept as a future that the high watermark completes. A batch that opens a transaction in its partition takes a longer
road: the coordinator has to know of it first (`openings`).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.broker.openings import Opening, asked_for, opening_of
from cordwood.log.log import Appended
from cordwood.metadata.names import check_open
from cordwood.model.errors import CordwoodError, InvalidBatch, InvalidRecords, ProtocolError, UnknownTopicId
from cordwood.model.ids import Offset, TopicId
from cordwood.model.transaction_errors import TransactionalIdMissing
from cordwood.records.batch import is_transactional
from cordwood.replica.partition import Partition
from cordwood.replica.verifications import Admitted
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.produce import (
    BatchIndexAndErrorMessage,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
    TopicProduceResponse,
)
from cordwood.wire.schema import NO_UUID

logger = logging.getLogger(__name__)

FIRST_VERSION_WITH_BATCHES: Final = 3
_ACKS: Final = frozenset({-1, 0, 1})


class Production:
    """One produce request on its way: what was appended, and what is owed before it can be answered."""

    __slots__ = ("_appended", "_context", "_future", "_openings", "_owed", "_request", "_version", "response")

    def __init__(self, context: Context, request: ProduceRequest, version: int) -> None:
        self._context = context
        self._request = request
        self._version = version
        self._appended: list[tuple[PartitionProduceResponse, Partition, Offset]] = []
        self._openings: dict[Opening, PartitionProduceResponse] = {}
        """Batches that open transactions: their coordinators are asked when all of the request was looked at."""
        self._owed = 0
        self._future: asyncio.Future[ProduceResponse] | None = None
        self.response = ProduceResponse()

    def append(
        self, name: str, data: TopicProduceData, batch: memoryview | None, answer: PartitionProduceResponse
    ) -> None:
        """Appends to one partition, or refuses in its answer."""
        try:
            partition = self._partition(name, data, answer.index)
            if batch is None:
                raise InvalidBatch("the request has no records for this partition")
            if self._request.acks == -1:
                partition.check_in_sync_replicas()
            if is_transactional(batch) and (opening := self._opening(partition, batch)) is not None:
                self._openings[opening] = answer
                return
            done = partition.append(batch)
        except CordwoodError as error:
            _refuse(answer, error)
            return
        if done is None:
            self._append_later(answer, partition, batch)
            return
        _fill(answer, partition, done)
        self._appended.append((answer, partition, Offset(done.next_offset)))

    def _opening(self, partition: Partition, batch: memoryview) -> Opening | None:
        if self._request.transactional_id is None:
            raise TransactionalIdMissing(str(partition.name))
        return opening_of(self._context.admissions, partition, batch)

    def _append_later(
        self,
        answer: PartitionProduceResponse,
        partition: Partition,
        batch: memoryview,
        admitted: Admitted | None = None,
    ) -> None:
        self._owed += 1
        partition.append_later(batch, lambda outcome: self._appended_later(answer, partition, outcome), admitted)

    def _partition(self, name: str, data: TopicProduceData, index: int) -> Partition:
        check_open(name)
        partition = self._context.partitions.get((name, index))
        if partition is None:
            if data.topic_id != NO_UUID and not name:
                raise UnknownTopicId(bytes(data.topic_id))
            raise self._context.partitions.why_missing(name, index)
        return partition

    def open_transactions(self) -> None:
        """Asks the coordinators about the batches that open transactions, and appends those that may."""
        transactional_id = self._request.transactional_id
        if not self._openings or transactional_id is None:
            return
        self._owed += len(self._openings)
        asked_for(self._context.admissions, transactional_id, self._version, self._openings, self._opened)

    def _opened(self, opening: Opening, outcome: Admitted | CordwoodError) -> None:
        """The batch is appended as any other, if it may be."""
        answer, partition, batch = self._openings[opening], opening.partition, opening.batch
        try:
            if isinstance(outcome, CordwoodError):
                raise outcome
            done = partition.append(batch, outcome)
        except CordwoodError as error:
            _refuse(answer, error)
        else:
            if done is None:
                self._append_later(answer, partition, batch, outcome)
            else:
                _fill(answer, partition, done)
                self._wait(answer, partition, Offset(done.next_offset))
        self._paid()

    def acknowledge(self) -> ProduceResponse | asyncio.Future[ProduceResponse]:
        """The response, or a future of it while something is owed."""
        for answer, partition, next_offset in self._appended:
            if next_offset > partition.high_watermark:
                self._wait(answer, partition, next_offset)
        if not self._owed:
            return self.response
        self._future = self._context.loop.create_future()
        return self._future

    def _wait(self, answer: PartitionProduceResponse, partition: Partition, next_offset: Offset) -> None:
        if not partition.when_durable(next_offset, lambda error: self._durable(answer, error)):
            self._owed += 1

    def _appended_later(
        self, answer: PartitionProduceResponse, partition: Partition, outcome: Appended | CordwoodError
    ) -> None:
        if isinstance(outcome, CordwoodError):
            _refuse(answer, outcome)
        else:
            _fill(answer, partition, outcome)
            self._wait(answer, partition, Offset(outcome.next_offset))
        self._paid()

    def _durable(self, answer: PartitionProduceResponse, error: CordwoodError | None) -> None:
        if error is not None:
            _refuse(answer, error)
        self._paid()

    def _paid(self) -> None:
        self._owed -= 1
        if not self._owed and self._future is not None and not self._future.done():
            self._future.set_result(self.response)


def handle_produce(
    context: Context, call: Call, request: ProduceRequest
) -> ProduceResponse | asyncio.Future[ProduceResponse] | None:
    """Appends what the request brings."""
    problem = _problem_of(call, request)
    production = Production(context, request, call.api_version)
    for data in request.topic_data:
        answers: list[PartitionProduceResponse] = []
        name = data.name if data.topic_id == NO_UUID else _name_of(context, data)
        for partition_data in data.partition_data:
            answer = PartitionProduceResponse(index=partition_data.index)
            answers.append(answer)
            if problem is not None:
                answer.error_code = problem
                answer.base_offset = -1
            else:
                production.append(name, data, partition_data.records, answer)
        production.response.responses.append(
            TopicProduceResponse(name=data.name, topic_id=data.topic_id, partition_responses=answers)
        )
    production.open_transactions()
    if request.acks == 0:
        _answer_nothing(production.response)
        return None
    return production.acknowledge()


def _problem_of(call: Call, request: ProduceRequest) -> ErrorCode | None:
    """What is wrong with the request as a whole."""
    if call.api_version < FIRST_VERSION_WITH_BATCHES:
        return ErrorCode.UNSUPPORTED_VERSION
    if request.acks not in _ACKS:
        return ErrorCode.INVALID_REQUIRED_ACKS
    return None


def _name_of(context: Context, data: TopicProduceData) -> str:
    """The name of a topic that is given by its id (13 and later); empty if there is none."""
    topic = context.image.topics_by_id.get(TopicId(bytes(data.topic_id)))
    return "" if topic is None else topic.name


def _fill(answer: PartitionProduceResponse, partition: Partition, done: Appended) -> None:
    answer.base_offset = done.base_offset
    answer.log_append_time_ms = done.append_time_ms
    answer.log_start_offset = partition.log.start_offset


def _refuse(answer: PartitionProduceResponse, error: CordwoodError) -> None:
    answer.error_code = code_of(error)
    answer.error_message = str(error)
    answer.base_offset = -1
    answer.log_append_time_ms = -1
    answer.log_start_offset = -1
    if isinstance(error, InvalidRecords):
        answer.record_errors = [
            BatchIndexAndErrorMessage(batch_index=index, batch_index_error_message=error.reason)
            for index in error.indexes
        ]


def _answer_nothing(response: ProduceResponse) -> None:
    """With acks=0 no answer is sent, so an error is told by closing the connection, as Kafka does."""
    for topic in response.responses:
        for answer in topic.partition_responses:
            if answer.error_code:
                raise ProtocolError(
                    f"produce with acks=0 to {topic.name}-{answer.index} failed, which only closing tells: "
                    f"{answer.error_message or f'error {answer.error_code}'}"
                )
