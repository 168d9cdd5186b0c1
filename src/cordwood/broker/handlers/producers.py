"""Producers: InitProducerId (22), DescribeProducers (61).

Serves InitProducerId 0 to 5 and DescribeProducers 0.
"""

from __future__ import annotations

import asyncio
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.model.errors import CordwoodError
from cordwood.replica.partition import Partition
from cordwood.txns.commands import InitProducerId
from cordwood.txns.replies import Producer
from cordwood.wire.errors import code_of
from cordwood.wire.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    PartitionResponse,
    ProducerState,
    TopicResponse,
)
from cordwood.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse

FIRST_FENCED: Final = 4
"""The first version of InitProducerId whose clients know PRODUCER_FENCED."""


async def handle_init_producer_id(
    context: Context, call: Call, request: InitProducerIdRequest
) -> InitProducerIdResponse:
    """A producer id that nobody ever had, or the next epoch of the one that a transactional id has.

    Without a transactional id a known producer id is not kept (as Kafka).
    """
    try:
        if request.transactional_id is None:
            producer = Producer(await context.controller.new_producer_id(context.settings.broker_id), 0)
        else:
            producer = await _of_transactional_id(context, call, request, request.transactional_id)
    except CordwoodError as error:
        return InitProducerIdResponse(error_code=code_of(error), producer_epoch=-1)
    return InitProducerIdResponse(producer_id=producer.producer_id, producer_epoch=producer.producer_epoch)


async def _of_transactional_id(
    context: Context, call: Call, request: InitProducerIdRequest, transactional_id: str
) -> Producer:
    """What the coordinator gives. Raises what it refuses."""
    command = InitProducerId(
        transactional_id,
        request.transaction_timeout_ms,
        request.producer_id,
        request.producer_epoch,
        knows_fencing=call.api_version >= FIRST_FENCED,
    )
    reply = context.coordinators.run(command)
    producer: Producer | CordwoodError = await reply if isinstance(reply, asyncio.Future) else reply
    if isinstance(producer, CordwoodError):
        raise producer
    return producer


def handle_describe_producers(
    context: Context, call: Call, request: DescribeProducersRequest
) -> DescribeProducersResponse:
    """What the logs of partitions know of their producers, for who looks for transactions that hang (KIP-664)."""
    response = DescribeProducersResponse()
    for topic in request.topics:
        answers = [_producers_of(context, topic.name, index) for index in topic.partition_indexes]
        response.topics.append(TopicResponse(name=topic.name, partitions=answers))
    return response


def _producers_of(context: Context, topic: str, index: int) -> PartitionResponse:
    try:
        partition = context.partitions.get((topic, index))
        if partition is None:
            raise context.partitions.why_missing(topic, index)
        if partition.failure is not None:
            raise partition.failure
    except CordwoodError as error:
        return PartitionResponse(partition_index=index, error_code=code_of(error), error_message=str(error))
    return PartitionResponse(partition_index=index, active_producers=_states(partition))


def _states(partition: Partition) -> list[ProducerState]:
    return [
        ProducerState(
            producer_id=producer_id,
            producer_epoch=producer.epoch,
            last_sequence=producer.batches[-1].last_sequence if producer.batches else -1,
            last_timestamp=producer.newest_timestamp_ms,
            coordinator_epoch=producer.coordinator_epoch,
            current_txn_start_offset=producer.transaction_start,
        )
        for producer_id, producer in partition.log.producers
    ]
