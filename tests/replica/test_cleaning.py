"""Compacted topics in a running broker."""

from __future__ import annotations

from collections.abc import Callable

from cordwood.env.clock import SystemClock
from cordwood.records.batch import Codec, batches
from cordwood.records.builder import build_batch
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from cordwood.testing import Server
from cordwood.wire.messages.delete_topics import DeleteTopicsRequest
from tests.broker.conftest import new_topic
from tests.broker.handlers.messages import fetch, produce_request
from tests.broker.handlers.test_configs import TOPIC, change
from tests.raw_client import RawClient

SETTINGS = {"log.cleaner.backoff.ms": "5"}
COMPACTED = {"cleanup_policy": "compact", "segment_bytes": "2000", "min_cleanable_dirty_ratio": "0.01"}


def put(client: RawClient, topic: str, *pairs: tuple[bytes, bytes | None], codec: Codec = Codec.NONE) -> None:
    records = [Record(0, 1000, key, value) for key, value in pairs]
    answer = client.ask(produce_request(topic, build_batch(records, codec=codec)), 9)
    assert answer.responses[0].partition_responses[0].error_code == 0


def read(client: RawClient, topic: str) -> list[Record]:
    """All records, offset by offset as a consumer goes."""
    found: list[Record] = []
    offset = 0
    while True:
        answer = fetch(client, topic, offset)
        assert answer.error_code == 0
        if offset >= answer.high_watermark:
            return found
        whole = list(batches(bytes(answer.records)))
        served = [record for _, batch in whole for record in decode_batch(batch) if record.offset >= offset]
        assert served, (
            f"an answer to offset {offset} without a record below the high watermark: clients give up on those"
        )
        found += served
        offset = whole[-1][0].next_offset


def until(condition: Callable[[], bool]) -> None:
    deadline = SystemClock().monotonic() + 20
    while not condition():
        assert SystemClock().monotonic() < deadline, "it never came about"


def test_only_the_last_value_of_each_key_stays() -> None:
    with Server(settings=SETTINGS) as server, RawClient(server.port) as client:
        topic = new_topic(client, **COMPACTED)
        last: dict[bytes, tuple[int, bytes]] = {}
        for number in range(300):
            key, value = b"k%d" % (number % 7), b"v%d" % number * 10
            put(client, topic, (key, value), codec=Codec(number % 5))
            last[key] = number, value
        until(lambda: len(read(client, topic)) < 60)
        found = read(client, topic)
        offsets = [record.offset for record in found]
        assert offsets == sorted(set(offsets)), "offsets stay what they were, and in order"
        newest = {record.key: (record.offset, record.value) for record in found}
        assert newest == last
        progress, failed = server.node.compaction
        assert progress is not None
        assert (progress.compactions > 0, failed) == (True, 0)


def test_a_topic_can_become_compacted_and_cease_to_be() -> None:
    with Server(settings=SETTINGS) as server, RawClient(server.port) as client:
        topic = new_topic(client, segment_bytes="500", min_cleanable_dirty_ratio="0.01")
        for number in range(50):
            put(client, topic, (b"k", b"v%d" % number * 10))
        assert server.node.compaction[0] is None, "a broker without compacted topics pays for nothing"
        assert change(client, TOPIC, topic, ("cleanup.policy", 0, "compact")).error_code == 0
        until(lambda: len(read(client, topic)) < 20)
        assert change(client, TOPIC, topic, ("cleanup.policy", 0, "delete")).error_code == 0
        before = len(read(client, topic))
        for number in range(20):
            put(client, topic, (b"k", b"w%d" % number * 10))
        assert len(read(client, topic)) == before + 20


def test_a_compacted_topic_can_be_deleted_at_any_moment() -> None:
    with Server(settings={"log.cleaner.backoff.ms": "0"}) as server, RawClient(server.port) as client:
        for _ in range(5):
            topic = new_topic(client, **COMPACTED)
            for number in range(60):
                put(client, topic, (b"k%d" % (number % 3), b"v" * 100))
            assert client.ask(DeleteTopicsRequest(topic_names=[topic]), 5).responses[0].error_code == 0
        assert server.node.compaction[1] == 0


def test_compaction_can_be_turned_off() -> None:
    with Server(settings={**SETTINGS, "log.cleaner.enable": "false"}) as server, RawClient(server.port) as client:
        topic = new_topic(client, **COMPACTED)
        put(client, topic, (b"k", b"v"))
        assert server.node.compaction == (None, 0)


def test_a_world_without_threads_compacts_in_steps() -> None:
    with Server(settings={"log.cleaner.backoff.ms": "3600000"}) as server, RawClient(server.port) as client:
        cleaning = server.node.cleaning
        assert not cleaning.step()
        topic = new_topic(client, **COMPACTED)
        for number in range(200):
            put(client, topic, (b"k", b"v%d" % number * 10))
        # The thread looks once when it starts; whatever it left is done here and now.
        assert cleaning.step() or (cleaning.progress is not None and cleaning.progress.compactions)
        assert len(read(client, topic)) < 200
