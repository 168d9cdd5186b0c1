"""Fetch (1): reads batches up to the high watermark, waiting for them if the consumer asks to.

Who reads committed records only (isolation level 1) is served up to the last stable offset, and told which of the
transactions in the answer were aborted.

Serves 4 to 18: long poll with min and max bytes, incremental sessions (KIP-227), topic ids (KIP-516). Left out:
fetches of followers (replica id >= 0) read as consumers do, and rack-aware reads name no other replica.

The records of the answer are ranges of store files. What lies in the page cache goes to the socket from there; what
does not is brought in by a background thread first, while the event loop serves others.
"""

from __future__ import annotations

import asyncio
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.broker.fetch_sessions import FetchPlan, WantedPartition
from cordwood.log.log import LogRange
from cordwood.model.errors import CordwoodError, StorageFailed, UnknownTopicId
from cordwood.model.ids import TopicId
from cordwood.replica.partition import Partition
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.fetch import (
    AbortedTransaction,
    EpochEndOffset,
    FetchableTopicResponse,
    FetchRequest,
    FetchResponse,
    PartitionData,
)

FIRST_VERSION_WITH_IDS: Final = 13
READ_COMMITTED: Final = 1


class PartitionRead:
    """What was found for one wanted partition."""

    __slots__ = ("error", "found", "partition", "wanted")

    def __init__(self, wanted: WantedPartition) -> None:
        self.wanted = wanted
        self.partition: Partition | None = None
        self.found: LogRange | None = None
        self.error: CordwoodError | None = None


class Reads:
    """One look at all wanted partitions."""

    __slots__ = ("failed", "items", "size_bytes")

    def __init__(self) -> None:
        self.items: list[PartitionRead] = []
        self.size_bytes = 0
        self.failed = False


class FetchWait:
    """A fetch that waits for more records or for its time to run out.

    A wake-up only schedules a look, so that many appends in one turn of the loop cost one look.
    """

    __slots__ = ("_context", "_finishing", "_look_scheduled", "_plan", "_reads", "_request", "_timer", "future")

    def __init__(self, context: Context, request: FetchRequest, plan: FetchPlan, reads: Reads) -> None:
        self._context = context
        self._request = request
        self._plan = plan
        self._reads = reads
        self._look_scheduled = False
        self._finishing = False
        self.future: asyncio.Future[FetchResponse] = context.loop.create_future()
        self.future.add_done_callback(self._leave)
        wait_ms = min(request.max_wait_ms, context.settings.fetch_wait_limit_ms)
        self._timer = context.loop.call_later(wait_ms / 1000, self._time_is_up)
        for item in reads.items:
            if item.partition is not None:
                item.partition.add_reader(self)

    def wake(self) -> None:
        """There may be more to read."""
        if not self._look_scheduled:
            self._look_scheduled = True
            self._context.loop.call_soon(self._look)

    def _look(self) -> None:
        self._look_scheduled = False
        if self.future.done() or self._finishing:
            return
        reads = _read_all(self._context, self._request, self._plan)
        if reads.failed or reads.size_bytes >= self._request.min_bytes or self._context.draining:
            self._finish(reads)

    def _time_is_up(self) -> None:
        if not self.future.done() and not self._finishing:
            self._finish(_read_all(self._context, self._request, self._plan))

    def _leave(self, _: asyncio.Future[FetchResponse]) -> None:
        """Waits no longer, because it was answered or because its client is gone."""
        self._timer.cancel()
        for item in self._reads.items:
            if item.partition is not None:
                item.partition.remove_reader(self)

    def _finish(self, reads: Reads) -> None:
        self._finishing = True
        answer = _answer(self._context, self._request, self._plan, reads)
        if isinstance(answer, FetchResponse):
            self.future.set_result(answer)
        else:
            answer.add_done_callback(self._hand_over)

    def _hand_over(self, answer: asyncio.Future[FetchResponse]) -> None:
        if self.future.done():
            return
        if (error := answer.exception()) is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(answer.result())


def handle_fetch(context: Context, call: Call, request: FetchRequest) -> FetchResponse | asyncio.Future[FetchResponse]:
    """Answers at once if there is enough to read, else later."""
    plan = context.fetch_sessions.plan(request, call.api_version >= FIRST_VERSION_WITH_IDS)
    if plan.error:
        return FetchResponse(error_code=plan.error)
    reads = _read_all(context, request, plan)
    enough = reads.failed or reads.size_bytes >= request.min_bytes
    if enough or request.max_wait_ms <= 0 or not plan.wanted or context.draining:
        return _answer(context, request, plan, reads)
    return FetchWait(context, request, plan, reads).future


# Reading.


def _read_all(context: Context, request: FetchRequest, plan: FetchPlan) -> Reads:
    reads = Reads()
    committed = request.isolation_level == READ_COMMITTED
    left = min(request.max_bytes, context.settings.fetch_max_bytes)
    for wanted in plan.wanted:
        item = PartitionRead(wanted)
        reads.items.append(item)
        try:
            item.partition = partition = _partition_of(context, wanted)
            partition.check_leader_epoch(wanted.leader_epoch)
            limit = min(wanted.max_bytes, left)
            found = partition.read(wanted.fetch_offset, limit, at_least_one=not reads.size_bytes, committed=committed)
        except CordwoodError as error:
            item.error = error
            reads.failed = True
            continue
        if found is not None:
            item.found = found
            size = found.end - found.start
            reads.size_bytes += size
            left = max(0, left - size)
    return reads


def _partition_of(context: Context, wanted: WantedPartition) -> Partition:
    name = wanted.topic
    if not name:
        topic = context.image.topics_by_id.get(TopicId(wanted.topic_id))
        if topic is None:
            raise UnknownTopicId(wanted.topic_id)
        name = topic.name
    partition = context.partitions.get((name, wanted.partition))
    if partition is None:
        raise context.partitions.why_missing(name, wanted.partition)
    return partition


# Answering.


def _answer(
    context: Context, request: FetchRequest, plan: FetchPlan, reads: Reads
) -> FetchResponse | asyncio.Future[FetchResponse]:
    """The response, or a future of it when a range has to come from the device first."""
    cold = [item.found for item in reads.items if item.found is not None and not _is_warm(item.found)]
    if not cold:
        return _build(request, plan, reads)
    warmed = asyncio.wrap_future(context.background.submit(lambda: _warm(cold)), loop=context.loop)
    answer: asyncio.Future[FetchResponse] = context.loop.create_future()

    def build(done: asyncio.Future[None]) -> None:
        if answer.done():
            return
        try:
            done.result()
            answer.set_result(_build(request, plan, reads))
        except CordwoodError as error:
            _blame(reads, error)
            answer.set_result(_build(request, plan, reads))

    warmed.add_done_callback(build)
    return answer


def _is_warm(found: LogRange) -> bool:
    return found.file.resident(found.start, found.end)


WARM_STEP_BYTES: Final = 1 << 20


def _warm(ranges: list[LogRange]) -> None:
    """Brings ranges into the page cache, in a background thread and in bounded pieces."""
    for found in ranges:
        for position in range(found.start, found.end, WARM_STEP_BYTES):
            found.file.read(min(WARM_STEP_BYTES, found.end - position), position)


def _blame(reads: Reads, error: CordwoodError) -> None:
    """No record is sent when the device failed under the read."""
    for item in reads.items:
        if item.partition is None or item.found is None:
            continue
        if isinstance(error, StorageFailed) and error.path == item.found.file.path:
            item.partition.read_failed(error)
        item.found = None
        item.error = error


def _build(request: FetchRequest, plan: FetchPlan, reads: Reads) -> FetchResponse:
    response = FetchResponse(session_id=plan.session_id)
    topics: dict[tuple[str, bytes], FetchableTopicResponse] = {}
    for item in reads.items:
        data = _partition_data(request, item)
        wanted = item.wanted
        if not plan.full and not _is_news(wanted, data):
            continue
        wanted.high_watermark_sent = data.high_watermark
        wanted.log_start_sent = data.log_start_offset
        key = (wanted.topic, wanted.topic_id)
        topic = topics.get(key)
        if topic is None:
            topic = topics[key] = FetchableTopicResponse(topic=wanted.topic, topic_id=wanted.topic_id or bytes(16))
            response.responses.append(topic)
        topic.partitions.append(data)
        if item.found is not None and plan.session is not None:
            plan.session.served(wanted)
    return response


def _is_news(wanted: WantedPartition, data: PartitionData) -> bool:
    """Whether an incremental fetch has to name the partition."""
    return bool(
        data.error_code
        or data.records
        or data.high_watermark != wanted.high_watermark_sent
        or data.log_start_offset != wanted.log_start_sent
        or data.diverging_epoch.end_offset >= 0
    )


def _partition_data(request: FetchRequest, item: PartitionRead) -> PartitionData:
    wanted = item.wanted
    partition = item.partition
    data = PartitionData(partition_index=wanted.partition, records=b"")
    if partition is None or item.error is not None:
        data.error_code = ErrorCode.UNKNOWN_SERVER_ERROR if item.error is None else code_of(item.error)
        data.high_watermark = -1
        return data
    data.high_watermark = partition.high_watermark
    data.last_stable_offset = partition.last_stable_offset
    data.log_start_offset = partition.log.start_offset
    if request.isolation_level == READ_COMMITTED:
        data.aborted_transactions = []
    if wanted.last_fetched_epoch >= 0:
        epoch, end_offset = partition.log.end_offset_for_epoch(wanted.last_fetched_epoch)
        if epoch < wanted.last_fetched_epoch or end_offset < wanted.fetch_offset:
            data.diverging_epoch = EpochEndOffset(epoch=epoch, end_offset=end_offset)
            return data
    if item.found is not None:
        _attach_records(data, partition, item.found, wanted.fetch_offset)
    return data


def _attach_records(data: PartitionData, partition: Partition, found: LogRange, fetch_offset: int) -> None:
    try:
        if data.aborted_transactions is not None:
            data.aborted_transactions = [
                AbortedTransaction(producer_id=producer_id, first_offset=first_offset)
                for producer_id, first_offset in partition.log.aborted_within(fetch_offset, found)
            ]
        data.records = found.file.view(found.start, found.end)
    except CordwoodError as error:
        data.error_code = code_of(error)
        partition.read_failed(error)
        return
    partition.bytes_out += found.end - found.start
