"""Transactions of producers: AddPartitionsToTxn (24), AddOffsetsToTxn (25), EndTxn (26).

Serves all versions. How a request becomes a command:

| request                   | fenced producers are told       | the transaction goes by          |
|---------------------------|---------------------------------|----------------------------------|
| AddPartitionsToTxn 0 to 3 | PRODUCER_FENCED since version 2 | the classic protocol             |
| AddPartitionsToTxn 4 on   | PRODUCER_FENCED                 | version 2 (KIP-890); of brokers  |
| AddOffsetsToTxn           | PRODUCER_FENCED since version 2 | the classic protocol             |
| EndTxn                    | PRODUCER_FENCED since version 2 | the classic one; version 2 since 5 |

Before, INVALID_PRODUCER_EPOCH was the word for it. What comes of a command is decided by the coordinator of the id (txns).
"""

from __future__ import annotations

from typing import Any, Final

from cordwood.broker.context import Call, Context
from cordwood.broker.later import Later, gathered, then
from cordwood.coordinator.settings import OFFSETS_TOPIC
from cordwood.metadata import Image
from cordwood.metadata.image import INTERNAL_TOPICS
from cordwood.model.errors import CordwoodError
from cordwood.model.ids import TopicPartition
from cordwood.txns.commands import AddPartitions, EndTransaction, VerifyPartitions
from cordwood.txns.outcome import EPOCH_BUMP_VERSION
from cordwood.txns.replies import Producer, Verified
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from cordwood.wire.messages.add_partitions_to_txn import (
    AddPartitionsToTxnPartitionResult,
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult,
    AddPartitionsToTxnTopicResult,
    AddPartitionsToTxnTransaction,
)
from cordwood.wire.messages.end_txn import EndTxnRequest, EndTxnResponse

FIRST_OF_MANY: Final = 4
"""The first version of AddPartitionsToTxn that has several transactions, and is sent by brokers."""

FIRST_ABORTABLE: Final = 5
"""The first version of AddPartitionsToTxn that answers TRANSACTION_ABORTABLE."""

FIRST_FENCED: Final = 2
"""The first version of each of these APIs whose clients know PRODUCER_FENCED."""

FIRST_WITH_EPOCH: Final = 5
"""The first version of EndTxn that tells the producer its next epoch."""


# AddPartitionsToTxn.


def handle_add_partitions_to_txn(
    context: Context, call: Call, request: AddPartitionsToTxnRequest
) -> Later[AddPartitionsToTxnResponse]:
    """Takes partitions into transactions, or says whether they are in them."""
    version = call.api_version
    if version >= FIRST_OF_MANY:
        results = gathered(context, [_added(context, version, transaction) for transaction in request.transactions])
        return then(context, results, lambda found: AddPartitionsToTxnResponse(results_by_transaction=found))
    transaction = AddPartitionsToTxnTransaction(
        transactional_id=request.v3_and_below_transactional_id,
        producer_id=request.v3_and_below_producer_id,
        producer_epoch=request.v3_and_below_producer_epoch,
        topics=request.v3_and_below_topics,
    )
    return then(
        context,
        _added(context, version, transaction),
        lambda result: AddPartitionsToTxnResponse(results_by_topic_v3_and_below=result.topic_results),
    )


def _added(
    context: Context, version: int, transaction: AddPartitionsToTxnTransaction
) -> Later[AddPartitionsToTxnResult]:
    names = frozenset(TopicPartition(topic.name, index) for topic in transaction.topics for index in topic.partitions)
    mistakes = _mistakes(context.image, names, of_client=version < FIRST_OF_MANY)
    if mistakes or not names:
        return _result(transaction, {name: mistakes.get(name, ErrorCode.OPERATION_NOT_ATTEMPTED) for name in names})
    producer = (transaction.transactional_id, transaction.producer_id, transaction.producer_epoch)
    command: AddPartitions | VerifyPartitions
    if transaction.verify_only:
        command = VerifyPartitions(*producer, names)
    else:
        client_version = EPOCH_BUMP_VERSION if version >= FIRST_OF_MANY else 0
        command = AddPartitions(*producer, names, client_version, knows_fencing=version >= FIRST_FENCED)
    reply = context.coordinators.run(command)
    return then(context, reply, lambda found: _result(transaction, _codes(version, names, found)))


def _mistakes(image: Image, names: frozenset[TopicPartition], *, of_client: bool) -> dict[TopicPartition, ErrorCode]:
    """The partitions that no transaction may have; with one of them, none of the request is added."""
    found = {}
    for name in names:
        if of_client and name.topic in INTERNAL_TOPICS:
            found[name] = ErrorCode.TOPIC_AUTHORIZATION_FAILED
        elif image.find_partition(*name) is None:
            found[name] = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return found


def _codes(
    version: int, names: frozenset[TopicPartition], reply: Verified | CordwoodError | None
) -> dict[TopicPartition, ErrorCode]:
    if isinstance(reply, CordwoodError):
        return dict.fromkeys(names, code_of(reply))
    if isinstance(reply, Verified):
        knows_abortable = version >= FIRST_ABORTABLE
        code = ErrorCode.TRANSACTION_ABORTABLE if knows_abortable else ErrorCode.INVALID_TXN_STATE
        return dict.fromkeys(reply.missing, code)
    return {}


def _result(
    transaction: AddPartitionsToTxnTransaction, codes: dict[TopicPartition, ErrorCode]
) -> AddPartitionsToTxnResult:
    return AddPartitionsToTxnResult(
        transactional_id=transaction.transactional_id,
        topic_results=[
            AddPartitionsToTxnTopicResult(
                name=topic.name,
                results_by_partition=[
                    AddPartitionsToTxnPartitionResult(
                        partition_index=index,
                        partition_error_code=codes.get(TopicPartition(topic.name, index), ErrorCode.NONE),
                    )
                    for index in topic.partitions
                ],
            )
            for topic in transaction.topics
        ],
    )


# AddOffsetsToTxn.


def handle_add_offsets_to_txn(
    context: Context, call: Call, request: AddOffsetsToTxnRequest
) -> Later[AddOffsetsToTxnResponse]:
    """Takes in the partition that keeps the offsets of a group."""
    command = AddPartitions(
        request.transactional_id,
        request.producer_id,
        request.producer_epoch,
        frozenset({TopicPartition(OFFSETS_TOPIC, context.groups.partition_for(request.group_id))}),
        knows_fencing=call.api_version >= FIRST_FENCED,
    )
    return then(
        context,
        context.coordinators.run(command),
        lambda reply: AddOffsetsToTxnResponse(error_code=_code(reply)),
    )


# EndTxn.


def handle_end_txn(context: Context, call: Call, request: EndTxnRequest) -> Later[EndTxnResponse]:
    """Commits or aborts."""
    command = EndTransaction(
        request.transactional_id,
        request.producer_id,
        request.producer_epoch,
        request.committed,
        EPOCH_BUMP_VERSION if call.api_version >= FIRST_WITH_EPOCH else 0,
        knows_fencing=call.api_version >= FIRST_FENCED,
    )
    return then(context, context.coordinators.run(command), _ended)


def _ended(reply: Producer | CordwoodError) -> EndTxnResponse:
    if isinstance(reply, CordwoodError):
        return EndTxnResponse(error_code=code_of(reply))
    return EndTxnResponse(producer_id=reply.producer_id, producer_epoch=reply.producer_epoch)


def _code(reply: Any) -> ErrorCode:  # noqa: ANN401 - whatever a command is answered with.
    return code_of(reply) if isinstance(reply, CordwoodError) else ErrorCode.NONE
