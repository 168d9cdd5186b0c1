"""Coordinators on other brokers: AddPartitionsToTxn, as brokers send it, and what its answer means.

Lives here: one question and its answer. Must not live here: which broker is asked (`transaction_calls`), what is made of
the answer (`admissions`), connections (peers).

| the code of a partition                   | means                                                                |
|-------------------------------------------|----------------------------------------------------------------------|
| NONE                                      | it is in the transaction                                             |
| TRANSACTION_ABORTABLE, INVALID_TXN_STATE  | it was only asked about, and is not                                  |
| PRODUCER_FENCED, INVALID_PRODUCER_EPOCH   | InvalidProducerEpoch, whatever becomes of the other partitions       |
| INVALID_PRODUCER_ID_MAPPING               | the producer does not hold the transactional id                      |
| CONCURRENT_TRANSACTIONS                   | markers of the last transaction are owed                             |
| anything else, or no answer               | CoordinatorNotAvailable                                              |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from cordwood.model.errors import CordwoodError, InvalidProducerEpoch
from cordwood.model.group_errors import CoordinatorNotAvailable
from cordwood.model.ids import BrokerId, TopicPartition
from cordwood.model.transaction_errors import ConcurrentTransactions, InvalidProducerIdMapping
from cordwood.txns.commands import AddPartitions, VerifyPartitions
from cordwood.txns.replies import Verified
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from cordwood.wire.schema import Message

VERSION: Final = 5

Ask: TypeAlias = Callable[[BrokerId, Message, int], Awaitable[Message]]
"""The answer of a broker to a request of a version. Raises CordwoodError if there is none."""

Command: TypeAlias = AddPartitions | VerifyPartitions

_MISSING: Final = frozenset({ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.INVALID_TXN_STATE})
_FENCED: Final = frozenset({ErrorCode.PRODUCER_FENCED, ErrorCode.INVALID_PRODUCER_EPOCH})


class RemoteCoordinators:
    """The `Peers` of `transaction_calls`, over whatever brings requests to other brokers."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def ask(self, broker: BrokerId, command: Command) -> Any:  # noqa: ANN401 - None, a Verified, or an error.
        """The answer of a broker, or why there is none. Raises nothing."""
        try:
            response = await self._ask(broker, request_of(command), VERSION)
        except CordwoodError as error:
            return CoordinatorNotAvailable(command.transactional_id, str(error))
        assert isinstance(response, AddPartitionsToTxnResponse), response
        if response.error_code:
            return _unknown(broker, command, response.error_code)
        return _answer(broker, command, _codes(response))


def request_of(command: Command) -> AddPartitionsToTxnRequest:
    """The request, with one transaction."""
    topics: dict[str, list[int]] = {}
    for topic, index in sorted(command.partitions):
        topics.setdefault(topic, []).append(index)
    return AddPartitionsToTxnRequest(
        transactions=[
            AddPartitionsToTxnTransaction(
                transactional_id=command.transactional_id,
                producer_id=command.producer_id,
                producer_epoch=command.producer_epoch,
                verify_only=isinstance(command, VerifyPartitions),
                topics=[AddPartitionsToTxnTopic(name=name, partitions=indexes) for name, indexes in topics.items()],
            )
        ]
    )


def _codes(response: AddPartitionsToTxnResponse) -> dict[TopicPartition, int]:
    return {
        TopicPartition(topic.name, partition.partition_index): partition.partition_error_code
        for transaction in response.results_by_transaction
        for topic in transaction.topic_results
        for partition in topic.results_by_partition
    }


def _answer(broker: BrokerId, command: Command, codes: Mapping[TopicPartition, int]) -> Verified | CordwoodError | None:
    """The errors of a coordinator go for all partitions alike; that one is missing is told by itself."""
    missing = set()
    for name in command.partitions:
        code = codes.get(name, ErrorCode.UNKNOWN_SERVER_ERROR)
        if code in _MISSING:
            missing.add(name)
        elif code != ErrorCode.NONE:
            return _error(broker, command, code)
    return Verified(frozenset(missing)) if isinstance(command, VerifyPartitions) or missing else None


def _error(broker: BrokerId, command: Command, code: int) -> CordwoodError:
    if code in _FENCED:  # The answer does not say which epoch it is at: a later one.
        return InvalidProducerEpoch(command.producer_id, command.producer_epoch + 1, command.producer_epoch)
    if code == ErrorCode.INVALID_PRODUCER_ID_MAPPING:
        return InvalidProducerIdMapping(command.transactional_id, command.producer_id)
    if code == ErrorCode.CONCURRENT_TRANSACTIONS:
        return ConcurrentTransactions(command.transactional_id)
    return _unknown(broker, command, code)


def _unknown(broker: BrokerId, command: Command, code: int) -> CoordinatorNotAvailable:
    told = ErrorCode(code).name if code in ErrorCode.__members__.values() else str(code)
    return CoordinatorNotAvailable(command.transactional_id, f"broker {broker} answered {told}")
