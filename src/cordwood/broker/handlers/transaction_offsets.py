"""TxnOffsetCommit (28): how far a group has read, valid once the producer's transaction is committed.

Serves 0 to 5. The partition that keeps the group's offsets has to be part of the transaction, as with Produce
(`admissions`); then the group's coordinator decides as over any commit.

| somebody says                              | the answer tells                                                         |
|--------------------------------------------|--------------------------------------------------------------------------|
| the group's coordinator is loading         | COORDINATOR_NOT_AVAILABLE before version 2 (KAFKA-7296)                  |
| markers of the last transaction are owed   | COORDINATOR_LOAD_IN_PROGRESS before version 5, upon which clients try again |
| anything else                              | just that                                                                |
"""

from __future__ import annotations

import asyncio
from typing import Final

from cordwood.broker.admissions import Question, Refusals, Terms
from cordwood.broker.context import Call, Context
from cordwood.coordinator.settings import OFFSETS_TOPIC
from cordwood.groups.offsets.commands import Commit, CommitOffset
from cordwood.groups.offsets.replies import OffsetsCommitted
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import CoordinatorLoading, CoordinatorNotAvailable, InvalidGroupId, NotCoordinator
from cordwood.model.transaction_errors import ConcurrentTransactions
from cordwood.replica.partition import Partition
from cordwood.replica.verifications import Admitted
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
)

FIRST_ABORTABLE: Final = 4
"""The first version whose clients know TRANSACTION_ABORTABLE."""

FIRST_TO_KNOW_LOADING: Final = 2

NO_SEQUENCE: Final = 0
"""Commits are not counted: none is before another."""


async def handle_txn_offset_commit(
    context: Context, call: Call, request: TxnOffsetCommitRequest
) -> TxnOffsetCommitResponse:
    """Commits the offsets of the partitions that there are."""
    response = TxnOffsetCommitResponse()
    offsets: list[CommitOffset] = []
    owed: list[TxnOffsetCommitResponsePartition] = []
    for topic in request.topics:
        answers = [TxnOffsetCommitResponsePartition(data.partition_index) for data in topic.partitions]
        response.topics.append(TxnOffsetCommitResponseTopic(name=topic.name, partitions=answers))
        for answer, offset in zip(answers, _offsets(context, topic), strict=True):
            if offset is None:
                answer.error_code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            else:
                offsets.append(offset)
                owed.append(answer)
    if not offsets:
        return response
    errors = await _committed(context, call.api_version, request, tuple(offsets))
    for answer, error in zip(owed, errors, strict=True):
        if error is not None:
            answer.error_code = _code(call.api_version, error)
    return response


def _offsets(context: Context, topic: TxnOffsetCommitRequestTopic) -> list[CommitOffset | None]:
    """What is to be committed for each partition of the topic; None where there is none."""
    found = context.image.topics.get(topic.name)
    count = 0 if found is None else len(found.partitions)
    return [
        CommitOffset(
            topic.name,
            data.partition_index,
            data.committed_offset,
            data.committed_leader_epoch,
            data.committed_metadata or "",
            found.id,
        )
        if found is not None and 0 <= data.partition_index < count
        else None
        for data in topic.partitions
    ]


async def _committed(
    context: Context, version: int, request: TxnOffsetCommitRequest, offsets: tuple[CommitOffset, ...]
) -> tuple[CordwoodError | None, ...]:
    """For each offset None, or why it was not committed."""
    command = Commit(
        request.group_id,
        offsets,
        member_id=request.member_id,
        instance_id=request.group_instance_id,
        generation=request.generation_id,
        producer_id=request.producer_id,
        producer_epoch=request.producer_epoch,
    )
    try:
        await _admit(context, Terms.of(version, abortable_from=FIRST_ABORTABLE), request)
        reply = context.groups.run(request.group_id, command)  # In the same turn of the loop as the last check.
    except CordwoodError as error:
        reply = error
    if isinstance(reply, asyncio.Future):
        reply = await reply
    return reply.errors if isinstance(reply, OffsetsCommitted) else (reply,) * len(offsets)


async def _admit(context: Context, terms: Terms, request: TxnOffsetCommitRequest) -> None:
    """Raises why the offsets may not be written in the transaction."""
    partition = _partition(context, request.group_id)
    producer_id, epoch = request.producer_id, request.producer_epoch
    verification = partition.verifications.begin(producer_id, epoch, NO_SEQUENCE)
    if verification is None:
        return
    question = Question(request.transactional_id, producer_id, epoch, frozenset({partition.name}), terms)
    refusal = (await _asked(context, question)).get(partition.name)
    if refusal is None:
        partition.verifications.check(Admitted(verification, NO_SEQUENCE))
        return
    if not refusal.retriable:
        partition.verifications.refused(verification)
    if isinstance(refusal, ConcurrentTransactions) and not terms.adds:
        raise CoordinatorLoading(request.group_id) from refusal
    raise refusal


def _asked(context: Context, question: Question) -> asyncio.Future[Refusals]:
    told: asyncio.Future[Refusals] = context.loop.create_future()

    def tell(refusals: Refusals) -> None:
        if not told.done():  # Whoever waited may have been stopped.
            told.set_result(refusals)

    context.admissions.ask(question, tell)
    return told


def _partition(context: Context, group: str) -> Partition:
    """Where the group's offsets are kept. Raises InvalidGroupId, NotCoordinator, CoordinatorNotAvailable."""
    if not group:
        raise InvalidGroupId(group)
    if context.groups.leader_of(group) != context.settings.broker_id:
        raise NotCoordinator(group)
    index = context.groups.partition_for(group)
    partition = context.partitions.get((OFFSETS_TOPIC, index))
    if partition is None:
        raise CoordinatorNotAvailable(group, str(context.partitions.why_missing(OFFSETS_TOPIC, index)))
    return partition


def _code(version: int, error: CordwoodError) -> ErrorCode:
    if isinstance(error, CoordinatorLoading) and version < FIRST_TO_KNOW_LOADING:
        return ErrorCode.COORDINATOR_NOT_AVAILABLE
    return code_of(error)
