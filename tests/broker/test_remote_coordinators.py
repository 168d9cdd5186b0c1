"""A coordinator on another broker is asked by AddPartitionsToTxn, and its codes are read back."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.broker.remote_coordinators import RemoteCoordinators, request_of
from cordwood.model.errors import InvalidProducerEpoch
from cordwood.model.group_errors import CoordinatorNotAvailable
from cordwood.model.ids import BrokerId, TopicPartition
from cordwood.model.peer_errors import PeerUnavailable
from cordwood.model.transaction_errors import ConcurrentTransactions, InvalidProducerIdMapping
from cordwood.testing import Server
from cordwood.txns.commands import AddPartitions, VerifyPartitions
from cordwood.txns.replies import Verified
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.add_partitions_to_txn import (
    AddPartitionsToTxnPartitionResult,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult,
    AddPartitionsToTxnTopicResult,
)
from cordwood.wire.schema import Message
from tests.broker.handlers.by_hand import HandProducer
from tests.raw_client import RawClient

OTHER = BrokerId(2)
P0, P1, Q0 = TopicPartition("p", 0), TopicPartition("p", 1), TopicPartition("q", 0)
NAMES = frozenset({P0, P1, Q0})
ADD = AddPartitions("id", 5, 3, NAMES, 2, knows_fencing=False)
VERIFY = VerifyPartitions("id", 5, 3, NAMES, knows_fencing=False)


def answer(*codes: int, error: int = 0) -> AddPartitionsToTxnResponse:
    """What a broker answers for P0, P1 and Q0."""
    outcomes = [
        AddPartitionsToTxnPartitionResult(name.partition, code) for name, code in zip((P0, P1, Q0), codes, strict=False)
    ]
    topics = [AddPartitionsToTxnTopicResult("p", outcomes[:2]), AddPartitionsToTxnTopicResult("q", outcomes[2:])]
    results = [AddPartitionsToTxnResult(transactional_id="id", topic_results=topics)]
    return AddPartitionsToTxnResponse(error_code=error, results_by_transaction=results)


async def read(command: AddPartitions | VerifyPartitions, response: AddPartitionsToTxnResponse | Exception) -> Any:
    async def ask(broker: BrokerId, message: Message, version: int) -> Message:
        assert (broker, version) == (OTHER, 5)
        assert message == request_of(command)
        if isinstance(response, Exception):
            raise response
        return response

    return await RemoteCoordinators(ask).ask(OTHER, command)


def test_the_request_names_the_partitions_by_topic():
    (transaction,) = request_of(VERIFY).transactions
    assert (transaction.transactional_id, transaction.producer_id, transaction.producer_epoch) == ("id", 5, 3)
    assert [(topic.name, topic.partitions) for topic in transaction.topics] == [("p", [0, 1]), ("q", [0])]
    assert transaction.verify_only
    assert not request_of(ADD).transactions[0].verify_only


@pytest.mark.asyncio
async def test_what_is_in_the_transaction():
    assert await read(ADD, answer(0, 0, 0)) is None
    assert await read(VERIFY, answer(0, 0, 0)) == Verified(frozenset())


@pytest.mark.asyncio
@pytest.mark.parametrize("code", [ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.INVALID_TXN_STATE])
async def test_what_is_not(code: ErrorCode):
    assert await read(VERIFY, answer(0, code, code)) == Verified(frozenset({P1, Q0}))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (ErrorCode.PRODUCER_FENCED, InvalidProducerEpoch),
        (ErrorCode.INVALID_PRODUCER_EPOCH, InvalidProducerEpoch),
        (ErrorCode.INVALID_PRODUCER_ID_MAPPING, InvalidProducerIdMapping),
        (ErrorCode.CONCURRENT_TRANSACTIONS, ConcurrentTransactions),
        (ErrorCode.NOT_COORDINATOR, CoordinatorNotAvailable),
        (ErrorCode.OPERATION_NOT_ATTEMPTED, CoordinatorNotAvailable),
        (9_999, CoordinatorNotAvailable),
    ],
)
async def test_errors_are_those_of_all_partitions(code: int, kind: type[Exception]):
    for command in (ADD, VERIFY):
        assert isinstance(await read(command, answer(code, code, code)), kind)


@pytest.mark.asyncio
async def test_an_answer_that_says_nothing():
    for response in (answer(0, 0), answer(error=ErrorCode.CLUSTER_AUTHORIZATION_FAILED), PeerUnavailable(2, "gone")):
        assert isinstance(await read(ADD, response), CoordinatorNotAvailable)


def test_a_broker_answers_what_is_asked(server: Server, client: RawClient, topic: str) -> None:
    """The question goes over a connection to a real broker, which coordinates the id."""
    producer = HandProducer(client, "an id of another broker")
    assert producer.begin().error_code == 0

    async def over_the_wire(broker: BrokerId, message: Message, version: int) -> Message:
        found: Message = client.ask(message, version)
        return found

    names = frozenset({TopicPartition(topic, 0)})
    holder = (producer.id, producer.producer_id, producer.epoch)

    def ask(command: AddPartitions | VerifyPartitions) -> Any:
        asking = RemoteCoordinators(over_the_wire).ask(OTHER, command)
        try:
            asking.send(None)
        except StopIteration as stop:
            return stop.value
        raise AssertionError("it waits for nothing")

    assert ask(VerifyPartitions(*holder, names)) == Verified(names)
    assert ask(AddPartitions(*holder, names, 2)) is None
    assert ask(VerifyPartitions(*holder, names)) == Verified(frozenset())
    assert isinstance(ask(VerifyPartitions(holder[0], holder[1] + 1, 0, names)), InvalidProducerIdMapping)
