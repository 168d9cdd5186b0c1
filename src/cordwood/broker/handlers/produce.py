"""Produce (0): appends each partition's batch and answers when it is acknowledged.

Serves 3 to 13; 0 to 2 are advertised for old librdkafka's sake and answered UNSUPPORTED_VERSION. Left out: transactional
batches, until the transaction coordinator is there: they are answered COORDINATOR_NOT_AVAILABLE.

The road is plain calls down to the write. Nothing is awaited here: where an acknowledgement needs a sync, the response
is kept as a future that the high watermark completes.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.model.errors import CordwoodError, InvalidBatch, ProtocolError, UnknownTopicId
from cordwood.model.ids import Offset, TopicId
from cordwood.replica.partition import Partition
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.produce import (
    PartitionProduceData,
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


class Acknowledgement:
    """Completes a response once every partition that was appended to is acknowledged."""

    __slots__ = ("_future", "_owed", "_response")

    def __init__(self, response: ProduceResponse, future: asyncio.Future[ProduceResponse]) -> None:
        self._response = response
        self._future = future
        self._owed = 0

    def owe(self, answer: PartitionProduceResponse, partition: Partition, next_offset: Offset) -> None:
        """Waits for one partition, if there is anything to wait for."""
        if not partition.when_durable(next_offset, lambda error: self._told(answer, error)):
            self._owed += 1

    def _told(self, answer: PartitionProduceResponse, error: CordwoodError | None) -> None:
        if error is not None:
            _refuse(answer, error)
        self._owed -= 1
        if not self._owed and not self._future.done():
            self._future.set_result(self._response)

    def answer(self) -> ProduceResponse | asyncio.Future[ProduceResponse]:
        """The response, or the future of it while something is owed."""
        return self._future if self._owed else self._response


def handle_produce(
    context: Context, call: Call, request: ProduceRequest
) -> ProduceResponse | asyncio.Future[ProduceResponse] | None:
    """Appends what the request brings."""
    problem = _problem_of(call, request)
    response = ProduceResponse()
    appended: list[tuple[PartitionProduceResponse, Partition, Offset]] = []
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
                _append(context, request.acks, name, data, partition_data, answer, appended)
        response.responses.append(
            TopicProduceResponse(name=data.name, topic_id=data.topic_id, partition_responses=answers)
        )
    if request.acks == 0:
        _answer_nothing(response)
        return None
    return _acknowledge(context, response, appended)


def _problem_of(call: Call, request: ProduceRequest) -> ErrorCode | None:
    """What is wrong with the request as a whole."""
    if call.api_version < FIRST_VERSION_WITH_BATCHES:
        return ErrorCode.UNSUPPORTED_VERSION
    if request.acks not in _ACKS:
        return ErrorCode.INVALID_REQUIRED_ACKS
    if request.transactional_id is not None:
        return ErrorCode.COORDINATOR_NOT_AVAILABLE
    return None


def _name_of(context: Context, data: TopicProduceData) -> str:
    """The name of a topic that is given by its id (13 and later); empty if there is none."""
    topic = context.image.topics_by_id.get(TopicId(bytes(data.topic_id)))
    return "" if topic is None else topic.name


def _append(
    context: Context,
    acks: int,
    name: str,
    data: TopicProduceData,
    partition_data: PartitionProduceData,
    answer: PartitionProduceResponse,
    appended: list[tuple[PartitionProduceResponse, Partition, Offset]],
) -> None:
    partition = context.partitions.get((name, partition_data.index))
    try:
        if partition is None:
            if data.topic_id != NO_UUID and not name:
                raise UnknownTopicId(bytes(data.topic_id))
            raise context.partitions.why_missing(name, partition_data.index)
        batch = partition_data.records
        if batch is None:
            raise InvalidBatch("the request has no records for this partition")
        if acks == -1:
            partition.check_in_sync_replicas()
        done = partition.append(batch)
    except CordwoodError as error:
        _refuse(answer, error)
        return
    answer.base_offset = done.base_offset
    answer.log_append_time_ms = done.append_time_ms
    answer.log_start_offset = partition.log.start_offset
    appended.append((answer, partition, Offset(done.next_offset)))


def _refuse(answer: PartitionProduceResponse, error: CordwoodError) -> None:
    answer.error_code = code_of(error)
    answer.error_message = str(error)
    answer.base_offset = -1
    answer.log_append_time_ms = -1
    answer.log_start_offset = -1


def _acknowledge(
    context: Context, response: ProduceResponse, appended: list[tuple[PartitionProduceResponse, Partition, Offset]]
) -> ProduceResponse | asyncio.Future[ProduceResponse]:
    for _, partition, next_offset in appended:
        if partition.high_watermark < next_offset:
            break
    else:
        return response
    acknowledgement = Acknowledgement(response, context.loop.create_future())
    for answer, partition, next_offset in appended:
        acknowledgement.owe(answer, partition, next_offset)
    return acknowledgement.answer()


def _answer_nothing(response: ProduceResponse) -> None:
    """With acks=0 no answer is sent, so an error is told by closing the connection, as Kafka does."""
    for topic in response.responses:
        for answer in topic.partition_responses:
            if answer.error_code:
                raise ProtocolError(
                    f"produce with acks=0 to {topic.name}-{answer.index} failed, which only closing tells: "
                    f"{answer.error_message or f'error {answer.error_code}'}"
                )
