"""Produce: what is appended, what is refused, and what is never answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cordwood.records.batch import Codec, batches, stamp_append_time
from cordwood.records.builder import build_batch
from cordwood.records.record import Record
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from cordwood.wire.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from tests.broker.conftest import new_topic
from tests.broker.handlers.messages import batch_of, fetch, produce, produce_request, values_of
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(3, 13))
@pytest.mark.parametrize("acks", [1, -1])
def test_offsets_are_assigned_in_order(client: RawClient, topic: str, version: int, acks: int) -> None:
    first = produce(client, topic, [b"a", b"b"], acks=acks, version=version)
    second = produce(client, topic, [b"c"], acks=acks, version=version)
    assert (first.error_code, first.base_offset) == (0, 0)
    assert (second.error_code, second.base_offset) == (0, 2)
    assert values_of(fetch(client, topic, 0).records) == [b"a", b"b", b"c"]


def test_topics_are_named_by_id_from_version_13(client: RawClient, topic: str) -> None:
    described = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), 12).topics[0]
    request = produce_request(topic, batch_of([b"x"]))
    request.topic_data[0].topic_id = described.topic_id
    answer = client.ask(request, 13).responses[0]
    assert answer.topic_id == described.topic_id
    assert (answer.partition_responses[0].error_code, answer.partition_responses[0].base_offset) == (0, 0)
    request.topic_data[0].topic_id = b"\x01" * 16
    assert client.ask(request, 13).responses[0].partition_responses[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID


@pytest.mark.parametrize("version", [0, 1, 2])
def test_versions_before_batches_are_told_so(client: RawClient, topic: str, version: int) -> None:
    answer = produce(client, topic, [b"x"], version=version)
    assert answer.error_code == ErrorCode.UNSUPPORTED_VERSION
    assert fetch(client, topic, 0).high_watermark == 0


@pytest.mark.parametrize(
    ("name", "partition", "code"),
    [
        ("nowhere", 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (None, 2, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (None, -1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ("no/slash", 0, ErrorCode.INVALID_TOPIC_EXCEPTION),
        ("", 0, ErrorCode.INVALID_TOPIC_EXCEPTION),
        ("x" * 250, 0, ErrorCode.INVALID_TOPIC_EXCEPTION),
    ],
)
def test_what_does_not_exist(client: RawClient, topic: str, name: str | None, partition: int, code: ErrorCode) -> None:
    answer = produce(client, topic if name is None else name, [b"x"], partition=partition)
    assert (answer.error_code, answer.base_offset) == (code, -1)
    assert answer.error_message


def damaged(position: int, value: int) -> bytes:
    batch = bytearray(batch_of([b"x", b"y"]))
    batch[position] = value
    return bytes(batch)


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        (None, ErrorCode.INVALID_RECORD),
        (b"", ErrorCode.INVALID_RECORD),
        (bytes(61), ErrorCode.INVALID_RECORD),
        (batch_of([b"x"])[:-1], ErrorCode.INVALID_RECORD),
        (batch_of([b"x"]) + b"!", ErrorCode.INVALID_RECORD),
        (batch_of([b"x"]) * 2, ErrorCode.INVALID_RECORD),
        (damaged(70, 0x7F), ErrorCode.CORRUPT_MESSAGE),
        (damaged(16, 1), ErrorCode.INVALID_RECORD),
        (damaged(7, 9), ErrorCode.INVALID_RECORD),
        (b"x" * 2_000, ErrorCode.INVALID_RECORD),
        (batch_of([b"x" * 1_100_000]), ErrorCode.MESSAGE_TOO_LARGE),
    ],
    ids=["none", "empty", "zeros", "short", "long", "two", "crc", "magic", "offset", "rubbish", "large"],
)
def test_a_batch_that_lies_is_refused_and_nothing_is_written(
    client: RawClient, topic: str, batch: bytes | None, code: ErrorCode
) -> None:
    answer = client.ask(produce_request(topic, batch), 9).responses[0].partition_responses[0]
    assert (ErrorCode(answer.error_code).name, answer.base_offset) == (code.name, -1)
    assert fetch(client, topic, 0).high_watermark == 0
    assert produce(client, topic, [b"good"]).base_offset == 0


@pytest.mark.parametrize("acks", [2, -2, 100])
def test_acks_that_mean_nothing(client: RawClient, topic: str, acks: int) -> None:
    assert produce(client, topic, [b"x"], acks=acks).error_code == ErrorCode.INVALID_REQUIRED_ACKS
    assert fetch(client, topic, 0).high_watermark == 0


def test_acks_zero_is_not_answered(client: RawClient, topic: str) -> None:
    client.send(produce_request(topic, batch_of([b"quiet"]), acks=0), 9, answered=False)
    assert produce(client, topic, [b"loud"]).base_offset == 1


def test_acks_zero_tells_an_error_by_closing(connect: Callable[[], RawClient]) -> None:
    client = connect()
    client.send(produce_request("nowhere", batch_of([b"x"]), acks=0), 9, answered=False)
    assert client.closed_by_peer()


def test_more_replicas_than_there_are(client: RawClient) -> None:
    name = new_topic(client, min_insync_replicas="2")
    assert produce(client, name, [b"x"], acks=-1).error_code == ErrorCode.NOT_ENOUGH_REPLICAS
    assert produce(client, name, [b"x"], acks=1).error_code == 0


def test_what_is_in_no_transaction_needs_no_coordinator(client: RawClient, topic: str) -> None:
    request = produce_request(topic, batch_of([b"x"]), transactional_id="t")
    answer = client.ask(request, 9).responses[0].partition_responses[0]
    assert (answer.error_code, answer.base_offset) == (0, 0)


def test_nobody_opens_a_transaction_that_nobody_could_end(client: RawClient, topic: str) -> None:
    batch = batch_of([b"x"], producer_id=7, producer_epoch=0, base_sequence=0, transactional=True)
    answer = client.ask(produce_request(topic, batch), 9).responses[0].partition_responses[0]
    assert answer.error_code == ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    assert produce(client, topic, [b"y"]).base_offset == 0


def test_one_bad_partition_does_not_harm_the_others(client: RawClient, topic: str) -> None:
    good, bad = memoryview(batch_of([b"good"])), memoryview(batch_of([b"bad"])[:-1])
    request = ProduceRequest(
        acks=-1,
        topic_data=[
            TopicProduceData(name=topic, partition_data=[PartitionProduceData(0, bad), PartitionProduceData(1, good)]),
            TopicProduceData(name="nowhere", partition_data=[PartitionProduceData(0, good)]),
        ],
    )
    answers = client.ask(request, 9).responses
    assert [answer.error_code for answer in answers[0].partition_responses] == [ErrorCode.INVALID_RECORD, 0]
    assert answers[1].partition_responses[0].error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_a_retried_batch_of_an_idempotent_producer_is_written_once(client: RawClient, topic: str) -> None:
    batch = batch_of([b"a", b"b"], producer_id=77, producer_epoch=0, base_sequence=0)
    answers = [client.ask(produce_request(topic, batch), 9).responses[0].partition_responses[0] for _ in range(3)]
    assert [(answer.error_code, answer.base_offset) for answer in answers] == [(0, 0)] * 3
    gap = batch_of([b"d"], producer_id=77, producer_epoch=0, base_sequence=3)
    answer = client.ask(produce_request(topic, gap), 9).responses[0].partition_responses[0]
    assert answer.error_code == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    newer = batch_of([b"e"], producer_id=77, producer_epoch=1, base_sequence=0)
    assert client.ask(produce_request(topic, newer), 9).responses[0].partition_responses[0].base_offset == 2
    old = batch_of([b"c"], producer_id=77, producer_epoch=0, base_sequence=2)
    answer = client.ask(produce_request(topic, old), 9).responses[0].partition_responses[0]
    assert answer.error_code == ErrorCode.INVALID_PRODUCER_EPOCH
    assert values_of(fetch(client, topic, 0).records) == [b"a", b"b", b"e"]


def test_pipelined_requests_are_answered_in_order(server: Server, client: RawClient, topic: str) -> None:
    for number in range(200):
        client.send(produce_request(topic, batch_of([b"%d" % number])), 9)
    offsets = [client.receive().responses[0].partition_responses[0].base_offset for _ in range(200)]
    assert offsets == list(range(200))


@pytest.mark.parametrize("policy", ["commit", "interval", "os"])
def test_every_flush_policy_acknowledges(client: RawClient, policy: str) -> None:
    name = new_topic(client, flush_policy=policy)
    assert [produce(client, name, [b"x"]).base_offset for _ in range(3)] == [0, 1, 2]
    assert fetch(client, name, 0).high_watermark == 3


@pytest.mark.parametrize("size", [100, 200_000], ids=["small", "large"])
@pytest.mark.parametrize("name", ["gzip", "snappy", "lz4", "zstd", "uncompressed"])
@pytest.mark.parametrize("policy", ["commit", "os"])
def test_a_topic_has_its_own_codec(client: RawClient, name: str, size: int, policy: str) -> None:
    topic = new_topic(client, compression_type=name, flush_policy=policy)
    values = [b"%d" % number * size for number in range(4)]
    for value in values[:-1]:
        batch = batch_of([value], codec=Codec.LZ4)
        client.send(produce_request(topic, batch), 9)
    client.send(produce_request(topic, batch_of([values[-1]])), 9)
    offsets = [client.receive().responses[0].partition_responses[0].base_offset for _ in values]
    assert offsets == [0, 1, 2, 3]
    found = fetch(client, topic, 0)
    expected = Codec.NONE if name == "uncompressed" else Codec[name.upper()]
    assert {header.codec for header, _ in batches(bytes(found.records))} == {expected}
    assert values_of(found.records) == values


@pytest.mark.parametrize("size", [100, 200_000], ids=["small", "large"])
def test_a_compacted_topic_wants_keys(client: RawClient, size: int) -> None:
    topic = new_topic(client, cleanup_policy="compact")
    records = [Record(0, 1000, key, b"v" * size) for key in (b"a", None, b"c", None)]
    answer = client.ask(produce_request(topic, build_batch(records)), 9).responses[0].partition_responses[0]
    assert answer.error_code == ErrorCode.INVALID_RECORD
    assert [error.batch_index for error in answer.record_errors] == [1, 3]
    records = [record for record in records if record.key is not None]
    answer = client.ask(produce_request(topic, build_batch(records)), 9).responses[0].partition_responses[0]
    assert (answer.error_code, answer.base_offset) == (0, 0)


def test_idempotence_holds_through_conversion(client: RawClient) -> None:
    topic = new_topic(client, compression_type="zstd")
    batch = batch_of([b"x" * 100_000], producer_id=5, producer_epoch=0, base_sequence=0)
    for _ in range(3):
        client.send(produce_request(topic, batch), 9)
    answers = [client.receive().responses[0].partition_responses[0] for _ in range(3)]
    assert [(answer.error_code, answer.base_offset) for answer in answers] == [(0, 0)] * 3
    assert fetch(client, topic, 0).high_watermark == 1


def test_acks_zero_goes_through_conversion(client: RawClient) -> None:
    topic = new_topic(client, compression_type="zstd")
    client.send(produce_request(topic, batch_of([b"x" * 100_000]), acks=0), 9, answered=False)
    assert produce(client, topic, [b"loud"]).base_offset == 1


def test_a_producer_does_not_stamp_for_the_log(client: RawClient, topic: str) -> None:
    stamped = bytearray(batch_of([b"x"]))
    stamp_append_time(stamped, 0, 5_000)
    answer = client.ask(produce_request(topic, bytes(stamped)), 9).responses[0].partition_responses[0]
    assert answer.error_code == ErrorCode.INVALID_RECORD
    own = new_topic(client, message_timestamp_type="LogAppendTime")
    answer = client.ask(produce_request(own, bytes(stamped)), 9).responses[0].partition_responses[0]
    assert (answer.error_code, answer.base_offset) == (0, 0)
    assert answer.log_append_time_ms > 5_000
    (header,) = [header for header, _ in batches(bytes(fetch(client, own, 0).records))]
    assert header.max_timestamp == answer.log_append_time_ms
