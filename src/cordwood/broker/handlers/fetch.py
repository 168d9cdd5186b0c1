"""Fetch (1): reads batches up to the high watermark, waiting for them if the consumer asks to.

Who reads committed records only (isolation level 1) is served up to the last stable offset, and told which of the
transactions in the answer were aborted.

Serves 4 to 18: long poll with min and max bytes, incremental sessions (KIP-227), topic ids (KIP-516). Left out:
fetches of followers (replica id >= 0) read as consumers do, and rack-aware reads name no other replica.

The records of the answer are ranges of store files. What lies in the page cache goes to the socket from there; what
does not is brought in by a background thread first, while the event loop serves others.

A client with a quota gets no more than what is left of it, but one batch at least, so that a batch which is larger than
the quota does not stop its consumer for good; it waits for that batch afterwards. Who is over gets no records.
"""

from __future__ import annotations

import asyncio
import math
from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.broker.fetch_sessions import FetchPlan, WantedPartition
from cordwood.broker.quotas.client_quota import Share
from cordwood.broker.quotas.throttling import milliseconds
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

    __slots__ = ("enough", "items", "refused", "size_bytes")

    def __init__(self) -> None:
        self.items: list[PartitionRead] = []
        self.size_bytes = 0
        self.enough = False
        """Whether there is no reason to wait for more: there are enough bytes, or an error to tell."""
        self.refused = False
        """Whether nothing was looked at, because the client is over its quota."""


class Fetch:
    """One request on its way: what it wants, and how much of it its client may have."""

    __slots__ = ("call", "context", "plan", "request", "share")

    def __init__(self, context: Context, call: Call, request: FetchRequest, plan: FetchPlan) -> None:
        self.context = context
        self.call = call
        self.request = request
        self.plan = plan
        self.share: Share | None = None
        """The client's part of a quota, where it has one."""
        if context.quotas.fetch.active:
            user, now = call.session.principal.name, context.clock.monotonic()
            self.share = context.quotas.fetch.of(user, call.client_id or "", now)

    @property
    def most_bytes(self) -> int | None:
        """How many bytes the answer may have; None when the client is over its quota."""
        most = min(self.request.max_bytes, self.context.settings.fetch_max_bytes)
        if self.share is None:
            return most
        left = self.share.left(self.context.clock.monotonic())
        return None if left < 0 else min(most, max(1, math.floor(left)))

    def measure(self, share: Share, size_bytes: int) -> None:
        """The answer has so many bytes of records, of the client's share."""
        self.call.hold(milliseconds(share.take(size_bytes, self.context.clock.monotonic())))


class FetchWait:
    """A fetch that waits for more records or for its time to run out.

    A wake-up only schedules a look, so that many appends in one turn of the loop cost one look.
    """

    __slots__ = ("_fetch", "_finishing", "_look_scheduled", "_reads", "_timer", "future")

    def __init__(self, fetch: Fetch, reads: Reads) -> None:
        context = fetch.context
        self._fetch = fetch
        self._reads = reads
        self._look_scheduled = False
        self._finishing = False
        self.future: asyncio.Future[FetchResponse] = context.loop.create_future()
        self.future.add_done_callback(self._leave)
        wait_ms = min(fetch.request.max_wait_ms, context.settings.fetch_wait_limit_ms)
        self._timer = context.loop.call_later(wait_ms / 1000, self._time_is_up)
        for item in reads.items:
            if item.partition is not None:
                item.partition.add_reader(self)

    def wake(self) -> None:
        """There may be more to read."""
        if not self._look_scheduled:
            self._look_scheduled = True
            self._fetch.context.loop.call_soon(self._look)

    def _look(self) -> None:
        self._look_scheduled = False
        if self.future.done() or self._finishing:
            return
        reads = _read_all(self._fetch)
        if reads.enough or self._fetch.context.draining:
            self._finish(reads)

    def _time_is_up(self) -> None:
        if not self.future.done() and not self._finishing:
            self._finish(_read_all(self._fetch))

    def _leave(self, _: asyncio.Future[FetchResponse]) -> None:
        """Waits no longer, because it was answered or because its client is gone."""
        self._timer.cancel()
        for item in self._reads.items:
            if item.partition is not None:
                item.partition.remove_reader(self)

    def _finish(self, reads: Reads) -> None:
        self._finishing = True
        answer = _answer(self._fetch, reads)
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
    fetch = Fetch(context, call, request, plan)
    reads = _read_all(fetch)
    if reads.enough or request.max_wait_ms <= 0 or not plan.wanted or context.draining:
        return _answer(fetch, reads)
    return FetchWait(fetch, reads).future


# Reading.


def _read_all(fetch: Fetch) -> Reads:
    context, reads = fetch.context, Reads()
    committed = fetch.request.isolation_level == READ_COMMITTED
    left = fetch.most_bytes
    if left is None:
        reads.refused = reads.enough = True
        return reads
    wanted_bytes = min(fetch.request.min_bytes, left)
    for wanted in fetch.plan.wanted:
        item = PartitionRead(wanted)
        reads.items.append(item)
        try:
            item.partition = partition = _partition_of(context, wanted)
            partition.check_leader_epoch(wanted.leader_epoch)
            limit = min(wanted.max_bytes, left)
            found = partition.read(wanted.fetch_offset, limit, at_least_one=not reads.size_bytes, committed=committed)
        except CordwoodError as error:
            item.error = error
            reads.enough = True
            continue
        if found is not None:
            item.found = found
            size = found.end - found.start
            reads.size_bytes += size
            left = max(0, left - size)
    reads.enough = reads.enough or reads.size_bytes >= wanted_bytes
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


def _answer(fetch: Fetch, reads: Reads) -> FetchResponse | asyncio.Future[FetchResponse]:
    """The response, or a future of it when a range has to come from the device first."""
    context = fetch.context
    if reads.refused:
        return _refuse(fetch)
    cold = [item.found for item in reads.items if item.found is not None and not _is_warm(item.found)]
    if not cold:
        return _build(fetch, reads)
    warmed = asyncio.wrap_future(context.background.submit(lambda: _warm(cold)), loop=context.loop)
    answer: asyncio.Future[FetchResponse] = context.loop.create_future()

    def build(done: asyncio.Future[None]) -> None:
        if answer.done():
            return
        try:
            done.result()
            answer.set_result(_build(fetch, reads))
        except CordwoodError as error:
            _blame(reads, error)
            answer.set_result(_build(fetch, reads))

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


def _refuse(fetch: Fetch) -> FetchResponse:
    """Nothing, for who is over the quota. A client that wanted a session begins anew with it, which Kafka's expect."""
    share, plan = fetch.share, fetch.plan
    assert share is not None, "nobody is refused who has no quota"
    fetch.call.hold(milliseconds(share.wait_s(fetch.context.clock.monotonic())))
    if plan.full:
        fetch.context.fetch_sessions.forget(plan.session_id)
        return FetchResponse()
    return FetchResponse(session_id=plan.session_id)


def _build(fetch: Fetch, reads: Reads) -> FetchResponse:
    request, plan = fetch.request, fetch.plan
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
    if fetch.share is not None:
        fetch.measure(
            fetch.share, sum(len(data.records or b"") for topic in response.responses for data in topic.partitions)
        )
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
