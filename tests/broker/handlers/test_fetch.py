"""Fetch: what is read, how long it waits, and what sessions leave out."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from cordwood.env.clock import SystemClock
from cordwood.env.memory_disk import MemoryFile
from cordwood.model.errors import StorageFailed
from cordwood.records.control import MarkerType
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.broker.conftest import new_topic
from tests.broker.handlers.messages import (
    Transactional,
    batch_of,
    fetch,
    fetch_request,
    produce,
    produce_request,
    values_of,
)
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(4, 13))
def test_reads_from_the_batch_that_holds_the_offset(client: RawClient, topic: str, version: int) -> None:
    produce(client, topic, [b"a", b"b", b"c"])
    produce(client, topic, [b"d"])
    found = fetch(client, topic, 1, version=version)
    assert values_of(found.records) == [b"a", b"b", b"c", b"d"], "batches come whole; the client drops what is before"
    assert (found.high_watermark, found.last_stable_offset) == (4, 4)
    assert values_of(fetch(client, topic, 3, version=version).records) == [b"d"]
    assert values_of(fetch(client, topic, 4, version=version).records) == []


@pytest.mark.parametrize("version", range(13, 19))
def test_reads_by_topic_id(client: RawClient, topic: str, version: int) -> None:
    produce(client, topic, [b"a"])
    topic_id = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), 12).topics[0].topic_id
    request = fetch_request("", 0)
    request.topics[0].topic_id = topic_id
    answer = client.ask(request, version).responses[0]
    assert answer.topic_id == topic_id
    assert values_of(answer.partitions[0].records) == [b"a"]
    request.topics[0].topic_id = b"\x02" * 16
    assert client.ask(request, version).responses[0].partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID


@pytest.mark.parametrize("offset", [-1, 2, 99])
def test_offsets_outside_the_log(client: RawClient, topic: str, offset: int) -> None:
    produce(client, topic, [b"a"])
    assert fetch(client, topic, offset).error_code == ErrorCode.OFFSET_OUT_OF_RANGE


def test_unknown_topics_and_partitions(client: RawClient, topic: str) -> None:
    assert fetch(client, "nowhere", 0).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert fetch(client, topic, 0, partition=7).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_leader_epochs_fence(client: RawClient, topic: str) -> None:
    request = fetch_request(topic, 0)
    request.topics[0].partitions[0].current_leader_epoch = 99
    assert client.ask(request, 12).responses[0].partitions[0].error_code == ErrorCode.UNKNOWN_LEADER_EPOCH


def test_the_first_batch_comes_whole_however_small_the_limit(client: RawClient, topic: str) -> None:
    produce(client, topic, [b"x" * 5000])
    produce(client, topic, [b"y" * 5000])
    found = fetch(client, topic, 0, max_bytes=1, partition_max_bytes=1)
    assert values_of(found.records) == [b"x" * 5000]


def test_limits_are_kept_after_the_first_batch(client: RawClient, topic: str) -> None:
    for _ in range(20):
        produce(client, topic, [b"x" * 1000])
        produce(client, topic, [b"x" * 1000], partition=1)
    partitions = [FetchPartition(partition=n, fetch_offset=0, partition_max_bytes=5000) for n in (0, 1)]
    request = FetchRequest(min_bytes=1, max_bytes=7000, topics=[FetchTopic(topic=topic, partitions=partitions)])
    sizes = [len(found.records) for found in client.ask(request, 12).responses[0].partitions]
    assert 1000 < sizes[0] <= 5000
    assert sum(sizes) <= 7000


def test_a_waiting_fetch_is_woken_by_an_append(client: RawClient, connect: Callable[[], RawClient], topic: str) -> None:
    reader = connect()
    reader.send(fetch_request(topic, 0, max_wait_ms=20_000), 12)
    produce(client, topic, [b"news"])
    assert values_of(reader.receive().responses[0].partitions[0].records) == [b"news"]


def test_a_waiting_fetch_waits_for_min_bytes(client: RawClient, connect: Callable[[], RawClient], topic: str) -> None:
    reader = connect()
    reader.send(fetch_request(topic, 0, max_wait_ms=20_000, min_bytes=300), 12)
    for _ in range(5):
        produce(client, topic, [b"x" * 40])
    found = reader.receive().responses[0].partitions[0]
    assert 300 <= len(found.records) < 500


def test_a_fetch_ends_when_its_time_is_up(client: RawClient, topic: str) -> None:
    produce(client, topic, [b"small"])
    found = fetch(client, topic, 0, max_wait_ms=20, min_bytes=10_000)
    assert values_of(found.records) == [b"small"], "what there is comes all the same"
    assert values_of(fetch(client, topic, 1, max_wait_ms=1).records) == []


def test_waiting_holds_back_only_the_answers_behind(
    client: RawClient, connect: Callable[[], RawClient], topic: str
) -> None:
    reader = connect()
    reader.send(fetch_request(topic, 0, max_wait_ms=20_000), 12)
    reader.send(produce_request(topic, batch_of([b"own"])), 9)
    assert values_of(reader.receive().responses[0].partitions[0].records) == [b"own"]
    assert reader.receive().responses[0].partition_responses[0].base_offset == 0


# Sessions.


def test_a_session_names_only_what_changed(client: RawClient, topic: str) -> None:
    partitions = [FetchPartition(partition=n, fetch_offset=0, partition_max_bytes=1 << 20) for n in (0, 1)]
    request = FetchRequest(session_epoch=0, topics=[FetchTopic(topic=topic, partitions=partitions)])
    first = client.ask(request, 12)
    assert first.session_id != 0
    assert [found.partition_index for found in first.responses[0].partitions] == [0, 1]
    following = FetchRequest(session_id=first.session_id, session_epoch=1)
    assert client.ask(following, 12).responses == []
    produce(client, topic, [b"a"], partition=1)
    following.session_epoch = 2
    second = client.ask(following, 12)
    assert [found.partition_index for found in second.responses[0].partitions] == [1]
    assert values_of(second.responses[0].partitions[0].records) == [b"a"]


def test_a_session_waits_like_any_fetch(client: RawClient, connect: Callable[[], RawClient], topic: str) -> None:
    reader = connect()
    request = fetch_request(topic, 0, session_epoch=0)
    session_id = reader.ask(request, 12).session_id
    reader.send(FetchRequest(session_id=session_id, session_epoch=1, max_wait_ms=20_000, min_bytes=1), 12)
    produce(client, topic, [b"a"])
    assert values_of(reader.receive().responses[0].partitions[0].records) == [b"a"]


def test_unknown_sessions_and_wrong_epochs(client: RawClient, topic: str) -> None:
    assert (
        client.ask(FetchRequest(session_id=123456, session_epoch=1), 12).error_code
        == ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    )
    session_id = client.ask(fetch_request(topic, 0, session_epoch=0), 12).session_id
    wrong = client.ask(FetchRequest(session_id=session_id, session_epoch=5), 12)
    assert wrong.error_code == ErrorCode.INVALID_FETCH_SESSION_EPOCH


def test_a_deleted_file_reads_as_out_of_range(server: Server, client: RawClient) -> None:
    name = new_topic(client, segment_bytes="1048576")
    for _ in range(3):
        produce(client, name, [b"x" * 900_000])
    partition = server.node.partitions.get((name, 0))
    assert partition is not None
    partition.log.truncate_before(2)
    assert fetch(client, name, 0).error_code == ErrorCode.OFFSET_OUT_OF_RANGE
    found = fetch(client, name, 2)
    assert found.log_start_offset == 2
    assert values_of(found.records) == [b"x" * 900_000]


def test_read_committed_has_an_empty_list_of_aborted_transactions(client: RawClient, topic: str) -> None:
    produce(client, topic, [b"a"])
    assert fetch(client, topic, 0, isolation_level=1).aborted_transactions == []
    assert fetch(client, topic, 0, isolation_level=0).aborted_transactions is None


def test_what_is_not_in_the_page_cache_is_read_in_a_thread(
    client: RawClient, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = b"x" * 400_000
    produce(client, topic, [value])
    readers: list[str] = []
    read = MemoryFile.read

    def watched_read(file: MemoryFile, size: int, position: int) -> bytes:
        readers.append(threading.current_thread().name)
        return read(file, size, position)

    monkeypatch.setattr(MemoryFile, "resident", lambda *_: False)
    monkeypatch.setattr(MemoryFile, "read", watched_read)
    assert values_of(fetch(client, topic, 0).records) == [value]
    assert readers
    assert all(name.startswith("cordwood-disk") for name in readers)


def test_a_device_that_fails_under_a_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under a write, its directory is used no more."""

    def failing_read(file: MemoryFile, size: int, position: int) -> bytes:
        raise StorageFailed(file.path, "read", OSError(5, "Input/output error"))

    with Server() as server, RawClient(server.port) as client:
        topic = new_topic(client)
        produce(client, topic, [b"x" * 400_000])
        monkeypatch.setattr(MemoryFile, "resident", lambda *_: False)
        monkeypatch.setattr(MemoryFile, "read", failing_read)
        found = fetch(client, topic, 0)
        assert (found.error_code, found.records) == (ErrorCode.KAFKA_STORAGE_ERROR, b"")
        monkeypatch.undo()
        assert isinstance(server.node.failure, StorageFailed)
        assert fetch(client, topic, 0).error_code == ErrorCode.KAFKA_STORAGE_ERROR
        assert produce(client, topic, [b"x"]).error_code == ErrorCode.KAFKA_STORAGE_ERROR


def test_a_reader_that_is_gone_waits_no_longer(server: Server, client: RawClient, topic: str) -> None:
    partition = server.node.partitions.get((topic, 0))
    assert partition is not None
    with RawClient(server.port) as reader:
        reader.send(fetch_request(topic, 0, max_wait_ms=300_000), 12)
        until(lambda: partition.reader_count == 1)
    until(lambda: partition.reader_count == 0)
    assert produce(client, topic, [b"x"]).error_code == 0


def until(condition: Callable[[], bool]) -> None:
    deadline = SystemClock().monotonic() + 10
    while not condition():
        assert SystemClock().monotonic() < deadline


# Reading committed.


def aborted_of(found) -> list[tuple[int, int]]:
    return [(one.producer_id, one.first_offset) for one in found.aborted_transactions]


@pytest.mark.parametrize("version", range(4, 13))
def test_committed_readers_read_up_to_the_first_open_transaction(
    server: Server, client: RawClient, topic: str, version: int
) -> None:
    now = SystemClock().now_ms()
    client.ask(produce_request(topic, batch_of([b"before"], timestamp_ms=now)), 9)
    first, second = Transactional(server, topic, 4), Transactional(server, topic, 5)
    assert first.send([b"a", b"b"]) == 1
    second.send([b"c"])
    client.ask(produce_request(topic, batch_of([b"behind"], timestamp_ms=now)), 9)
    found = fetch(client, topic, 0, isolation_level=1, version=version)
    assert (found.high_watermark, found.last_stable_offset, aborted_of(found)) == (5, 1, [])
    assert values_of(found.records) == [b"before"]
    assert values_of(fetch(client, topic, 0, version=version).records) == [b"before", b"a", b"b", b"c", b"behind"]
    assert first.end(MarkerType.COMMIT) == 5
    found = fetch(client, topic, 1, isolation_level=1, version=version)
    assert (found.last_stable_offset, values_of(found.records)) == (3, [b"a", b"b"])
    second.end(MarkerType.ABORT)
    found = fetch(client, topic, 0, isolation_level=1, version=version)
    assert (found.high_watermark, found.last_stable_offset, aborted_of(found)) == (7, 7, [(5, 3)])
    assert fetch(client, topic, 0, version=version).aborted_transactions is None


def test_only_what_is_in_the_answer_is_told(server: Server, client: RawClient, topic: str) -> None:
    producer = Transactional(server, topic, 9)
    starts = []
    for _ in range(4):
        starts.append(producer.send([b"x" * 100]))
        producer.end(MarkerType.ABORT)
    assert aborted_of(fetch(client, topic, 0, isolation_level=1)) == [(9, start) for start in starts]
    assert aborted_of(fetch(client, topic, 0, isolation_level=1, partition_max_bytes=300)) == [(9, 0)]
    assert aborted_of(fetch(client, topic, starts[1] + 1, isolation_level=1, partition_max_bytes=100)) == [(9, 2)]
    assert aborted_of(fetch(client, topic, starts[2], isolation_level=1)) == [(9, 4), (9, 6)]
    assert aborted_of(fetch(client, topic, 8, isolation_level=1)) == []


def test_committed_readers_wait_for_the_marker(server: Server, client: RawClient, topic: str) -> None:
    producer = Transactional(server, topic, 9)
    producer.send([b"a"])
    client.send(fetch_request(topic, 0, isolation_level=1, max_wait_ms=20_000), 12)
    producer.send([b"b"])
    producer.end(MarkerType.COMMIT)
    found = client.receive().responses[0].partitions[0]
    assert found.last_stable_offset == 3
    assert values_of(found.records)[:2] == [b"a", b"b"]
