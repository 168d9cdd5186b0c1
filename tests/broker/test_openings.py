"""Batches that open transactions: what Produce tells of each answer, in which order they go in, and what they cost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cordwood.broker.admissions import Question, Terms
from cordwood.broker.openings import Opening, _told, opening_of
from cordwood.model.errors import CordwoodError, InvalidBatch, InvalidProducerEpoch
from cordwood.model.group_errors import CoordinatorLoading, CoordinatorNotAvailable, NotCoordinator
from cordwood.model.transaction_errors import CannotVerify, ConcurrentTransactions, InvalidProducerIdMapping
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from tests.broker.conftest import new_topic
from tests.broker.handlers.by_hand import HandProducer, committed
from tests.broker.handlers.messages import batch_of, fetch, in_the_broker, produce_request, values_of
from tests.raw_client import RawClient

DEADLINE_S = 20.0


@pytest.fixture
def producer(client: RawClient, request: pytest.FixtureRequest) -> HandProducer:
    """A producer with a transactional id of the test's own."""
    made = HandProducer(client, f"id of {request.node.name}")
    assert made.begin().error_code == 0
    return made


@pytest.mark.parametrize("adds", [False, True])
@pytest.mark.parametrize("error", [CoordinatorLoading("id"), CoordinatorNotAvailable("id", "no"), NotCoordinator("id")])
def test_a_coordinator_that_cannot_say_lets_producers_try_again(error: CordwoodError, adds: bool):
    assert isinstance(_told(error, "t-0", Terms(adds, True)), CannotVerify)


def test_only_producers_of_version_2_are_told_of_markers():
    busy = ConcurrentTransactions("id")
    assert _told(busy, "t-0", Terms(True, True)) is busy
    assert isinstance(_told(busy, "t-0", Terms(False, True)), CannotVerify)


def test_what_will_not_be_better_is_told_as_it_is():
    error = InvalidProducerIdMapping("id", 5)
    assert _told(error, "t-0", Terms(False, False)) is error


@pytest.mark.parametrize(
    ("version", "code"), [(10, ErrorCode.INVALID_TXN_STATE), (11, ErrorCode.TRANSACTION_ABORTABLE), (12, 0)]
)
def test_a_partition_that_was_not_added(
    client: RawClient, topic: str, producer: HandProducer, version: int, code: ErrorCode
) -> None:
    assert producer.add(topic, 1) == [0]
    answer = producer.produce(topic, [b"x"], version=version)
    assert answer.error_code == code
    assert fetch(client, topic, 0).high_watermark == (0 if code else 1)


def test_only_the_first_batch_of_a_partition_is_asked_for(
    server: Server, topic: str, producer: HandProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    admissions = server.node.context.admissions
    ask = admissions.ask

    def noted(question: Question, tell: Any) -> None:
        asked.append(question.partitions)
        ask(question, tell)

    monkeypatch.setattr(admissions, "ask", noted)
    for _ in range(3):
        assert producer.produce(topic, [b"x"], version=12).error_code == 0
    assert asked == [frozenset({(topic, 0)})]
    assert producer.produce(topic, [b"x"], partition=1, version=12).error_code == 0
    producer.end(commit=True, version=5)
    assert producer.produce(topic, [b"x"], version=12).error_code == 0
    assert asked[1:] == [frozenset({(topic, 1)}), frozenset({(topic, 0)})]


def test_who_is_in_no_transaction_asks_nobody(
    server: Server, client: RawClient, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(server.node.context.admissions.__class__, "ask")
    batch = batch_of([b"x"], producer_id=9, producer_epoch=0, base_sequence=0)
    answer = client.ask(produce_request(topic, batch), 9).responses[0].partition_responses[0]
    assert answer.error_code == 0


@pytest.mark.parametrize("version", [11, 12])
def test_pipelined_batches_keep_their_order(
    client: RawClient, topic: str, producer: HandProducer, version: int
) -> None:
    for round_number in range(5):
        if version < 12:
            assert producer.add(topic, 0, 1) == [0, 0]
        for number in range(20):
            producer.send(topic, [b"%d" % number], partition=number % 2, version=version)
        answers = [client.receive().responses[0].partition_responses[0] for _ in range(20)]
        assert [answer.error_code for answer in answers] == [0] * 20, f"in round {round_number}"
        assert producer.end(commit=True, version=5 if version >= 12 else 4) == 0
    assert committed(client, topic, count=50) == [b"%d" % number for number in range(0, 20, 2)] * 5


class SlowCoordinators:
    """What the coordinators answer waits until it is let go."""

    def __init__(self, server: Server) -> None:
        self.asked = threading.Semaphore(0)
        self._server = server
        self._ask = server.node.context.admissions._coordinators.ask
        self._held: list[tuple[asyncio.Future[Any], Any]] = []

    def ask(self, command: Any) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = self._server.node.context.loop.create_future()
        self._held.append((answer, command))
        self.asked.release()
        return answer

    def let_go(self) -> None:
        """Answers the oldest question, when it has come."""
        assert self.asked.acquire(timeout=DEADLINE_S)
        in_the_broker(self._server, self._answer)

    def _answer(self) -> None:
        answer, command = self._held.pop(0)
        reply = self._ask(command)
        if isinstance(reply, asyncio.Future):
            reply.add_done_callback(lambda done: answer.set_result(done.result()))
        else:
            answer.set_result(reply)


def test_none_overtakes_another_that_waits(
    server: Server, client: RawClient, topic: str, producer: HandProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction is open when the third batch comes, but the second still waits for the coordinator."""
    admissions = server.node.context.admissions
    slow = SlowCoordinators(server)
    monkeypatch.setattr(admissions, "_coordinators", slow)
    ask, third = admissions.ask, threading.Event()
    numbers = iter(range(3))

    def noted(question: Question, tell: Any) -> None:
        ask(question, tell)
        if next(numbers) == 2:
            third.set()

    monkeypatch.setattr(admissions, "ask", noted)
    for value in (b"first", b"second"):
        producer.send(topic, [value], version=12)
    slow.let_go()
    answers = [client.receive()]
    producer.send(topic, [b"third"], version=12)
    assert third.wait(DEADLINE_S)
    slow.let_go()
    slow.let_go()
    answers += [client.receive() for _ in range(2)]
    told = [answer.responses[0].partition_responses[0] for answer in answers]
    assert [(one.error_code, one.base_offset) for one in told] == [(0, 0), (0, 1), (0, 2)]


def test_one_request_opens_several_partitions(client: RawClient, topic: str, producer: HandProducer) -> None:
    batches = [memoryview(producer.batch([b"%d" % index], sequence=0)) for index in range(3)]
    request = ProduceRequest(
        transactional_id=producer.id,
        acks=-1,
        topic_data=[
            TopicProduceData(
                name=topic, partition_data=[PartitionProduceData(index, batch) for index, batch in enumerate(batches)]
            )
        ],
    )
    answers = client.ask(request, 12).responses[0].partition_responses
    assert [answer.error_code for answer in answers] == [0, 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
    assert producer.end(commit=True, version=5) == 0


def test_large_batches_go_through_conversion(client: RawClient, producer: HandProducer) -> None:
    topic = new_topic(client, compression_type="zstd")
    for _ in range(4):
        producer.send(topic, [b"x" * 100_000], version=12)
    answers = [client.receive().responses[0].partition_responses[0] for _ in range(4)]
    assert [(answer.error_code, answer.base_offset) for answer in answers] == [(0, 0), (0, 1), (0, 2), (0, 3)]


def test_acks_zero(client: RawClient, topic: str, producer: HandProducer) -> None:
    batch = producer.batch([b"quiet"], sequence=0)
    client.send(produce_request(topic, batch, acks=0, transactional_id=producer.id), 12, answered=False)
    producer.sequences[topic, 0] = 1
    assert producer.produce(topic, [b"loud"], version=12).base_offset == 1


def refused_batches(producer: HandProducer) -> Iterator[tuple[bytes, ErrorCode]]:
    yield producer.batch([b"x"], sequence=-1, producer_id=-1, producer_epoch=-1), ErrorCode.INVALID_RECORD
    yield producer.batch([b"x"], sequence=0, control=True), ErrorCode.INVALID_RECORD
    yield producer.batch([b"x"], sequence=1), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    yield producer.batch([b"x"], sequence=0, producer_id=99_999), ErrorCode.INVALID_PRODUCER_ID_MAPPING
    yield producer.batch([b"x"], sequence=0, producer_epoch=9), ErrorCode.INVALID_PRODUCER_EPOCH


def test_batches_that_may_not_be_there(client: RawClient, topic: str, producer: HandProducer) -> None:
    for batch, code in refused_batches(producer):
        request = produce_request(topic, batch, transactional_id=producer.id)
        answer = client.ask(request, 12).responses[0].partition_responses[0]
        assert (ErrorCode(answer.error_code).name, answer.base_offset) == (code.name, -1)
    assert fetch(client, topic, 0).high_watermark == 0


def test_a_fenced_producer_writes_nothing(client: RawClient, topic: str, producer: HandProducer) -> None:
    producer.produce(topic, [b"x"], version=12)
    newer = HandProducer(client, producer.id)
    assert newer.begin().error_code == 0
    for version in (11, 12):
        answer = producer.produce(topic, [b"y"], version=version)
        assert answer.error_code == ErrorCode.INVALID_PRODUCER_EPOCH
    assert values_of(fetch(client, topic, 0).records)[:1] == [b"x"]


def test_the_first_look_at_a_batch(server: Server, topic: str, producer: HandProducer) -> None:
    partition: Any = server.node.partitions.get((topic, 0))
    admissions = server.node.context.admissions

    def look(**fields: Any) -> Opening | None:
        return opening_of(admissions, partition, memoryview(producer.batch([b"x"], **{"sequence": 0, **fields})))

    assert look() is not None
    assert look(control=True) is None
    with pytest.raises(InvalidBatch):
        look(producer_id=-1, producer_epoch=-1, sequence=-1)
    assert producer.produce(topic, [b"x"], version=12).error_code == 0
    assert look(sequence=1) is None
    with pytest.raises(InvalidProducerEpoch):
        look(producer_epoch=producer.epoch - 1)


def test_a_client_that_hangs_up_is_written_for(
    client: RawClient, topic: str, producer: HandProducer, connect: Callable[[], RawClient]
) -> None:
    gone = connect()
    batch = producer.batch([b"x"], sequence=0)
    gone.send(produce_request(topic, batch, transactional_id=producer.id), 12)
    gone.__exit__(None, None, None)
    producer.sequences[topic, 0] = 1
    answer = producer.produce(topic, [b"y"], version=12)
    assert answer.error_code in (0, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)  # It came, or it never did.
