"""What operators ask of transactions: DescribeTransactions (65), ListTransactions (66), KIP-664.

Serves DescribeTransactions 0 and ListTransactions 0 to 2 (by duration, KIP-994; by a pattern of RE2 that matches the
whole id, KIP-1152).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cordwood.broker.context import Call, Context
from cordwood.model.errors import CordwoodError
from cordwood.model.ids import TopicPartition
from cordwood.model.regex import matcher
from cordwood.txns.listing import DescribeTransaction, ListTransactions
from cordwood.wire.errors import code_of
from cordwood.wire.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    TopicData,
)
from cordwood.wire.messages.describe_transactions import TransactionState as Described
from cordwood.wire.messages.list_transactions import (
    ListTransactionsRequest,
    ListTransactionsResponse,
    TransactionState,
)


def handle_describe_transactions(
    context: Context, call: Call, request: DescribeTransactionsRequest
) -> DescribeTransactionsResponse:
    """Each transactional id by itself."""
    return DescribeTransactionsResponse(
        transaction_states=[_described(context, transactional_id) for transactional_id in request.transactional_ids]
    )


def _described(context: Context, transactional_id: str) -> Described:
    try:
        found = context.transactions.ask(DescribeTransaction(transactional_id))
    except CordwoodError as error:
        return Described(error_code=code_of(error), transactional_id=transactional_id)
    return Described(
        transactional_id=transactional_id,
        transaction_state=found.state.value,
        transaction_timeout_ms=found.timeout_ms,
        transaction_start_time_ms=found.started_ms,
        producer_id=found.producer_id,
        producer_epoch=found.producer_epoch,
        topics=_by_topic(found.partitions),
    )


def _by_topic(partitions: Iterable[TopicPartition]) -> list[TopicData]:
    topics: defaultdict[str, list[int]] = defaultdict(list)
    for name in sorted(partitions):
        topics[name.topic].append(name.partition)
    return [TopicData(topic=topic, partitions=indexes) for topic, indexes in topics.items()]


def handle_list_transactions(
    context: Context, call: Call, request: ListTransactionsRequest
) -> ListTransactionsResponse:
    """The transactional ids of this broker that pass the filters."""
    try:
        listed = context.transactions.list(
            ListTransactions(
                frozenset(request.state_filters),
                frozenset(request.producer_id_filters),
                request.duration_filter,
                matcher(request.transactional_id_pattern) if request.transactional_id_pattern else None,
            )
        )
    except CordwoodError as error:
        return ListTransactionsResponse(error_code=code_of(error))
    return ListTransactionsResponse(
        unknown_state_filters=sorted(listed.unknown_states),
        transaction_states=[
            TransactionState(
                transactional_id=found.transactional_id, producer_id=found.producer_id, transaction_state=found.state
            )
            for found in listed.transactions
        ],
    )
