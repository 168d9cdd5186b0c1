"""Rounds over all partitions: retention in a running broker, and what one bad log costs."""

from __future__ import annotations

import pytest

from cordwood.env.clock import SystemClock
from cordwood.log.log import Log
from cordwood.model.errors import StorageFailed
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from tests.broker.conftest import new_topic
from tests.broker.handlers.messages import batch_of, fetch, produce, produce_request, values_of
from tests.broker.handlers.test_offsets import find
from tests.raw_client import RawClient

SMALL = {"segment_bytes": "100", "retention_ms": "-1"}


def test_a_round_removes_what_is_outlived_and_readers_are_told() -> None:
    with Server() as server, RawClient(server.port) as client:
        name = new_topic(client, retention_bytes="250", **SMALL)
        for number in range(9):
            produce(client, name, [b"%d" % number * 40])
        server.node.housekeeping.retain()
        start = find(client, name, -2).offset
        assert 0 < start < 9
        assert fetch(client, name, 0).error_code == ErrorCode.OFFSET_OUT_OF_RANGE
        assert values_of(fetch(client, name, start).records)[0] == b"%d" % start * 40
        assert server.node.housekeeping.removed_segments_total == start


def test_a_round_forgets_producers_of_a_partition_at_rest() -> None:
    with Server(settings={"producer.id.expiration.ms": "1"}) as server, RawClient(server.port) as client:
        name = new_topic(client)
        fields = {"producer_id": 7, "producer_epoch": 0, "base_sequence": 0}
        client.ask(produce_request(name, batch_of([b"x"], **fields)), 9)
        partition = server.node.partitions.get((name, 0))
        assert partition is not None
        ((producer_id, producer),) = partition.log.producers
        assert producer_id == 7
        producer.last_timestamp_ms -= 1
        server.node.housekeeping.retain()
        assert list(partition.log.producers) == []


def test_a_compacted_topic_keeps_everything() -> None:
    with Server() as server, RawClient(server.port) as client:
        name = new_topic(client, retention_bytes="0", cleanup_policy="compact", **SMALL)
        for _ in range(5):
            produce(client, name, [b"x" * 40])
        server.node.housekeeping.retain()
        assert find(client, name, -2).offset == 0


def test_one_bad_log_does_not_keep_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with Server() as server, RawClient(server.port) as client:
        names = [new_topic(client, retention_bytes="0", **SMALL) for _ in range(2)]
        for name in names:
            for _ in range(3):
                produce(client, name, [b"x" * 40])
        retain = Log.retain

        def failing(log: Log, high_watermark: int) -> object:
            if names[0] in log.path:
                raise StorageFailed(log.path, "unlink", OSError(5, "Input/output error"))
            return retain(log, high_watermark)

        monkeypatch.setattr(Log, "retain", failing)
        server.node.housekeeping.retain()
        assert [find(client, name, -2).offset for name in names] == [0, 2]
        assert names[0] in caplog.text


def test_rounds_come_by_themselves() -> None:
    settings = {"log.retention.check.interval.ms": "5", "log.flush.offset.checkpoint.interval.ms": "5"}
    with Server(settings=settings) as server:
        with RawClient(server.port) as client:
            name = new_topic(client, retention_bytes="0", **SMALL)
            for _ in range(3):
                produce(client, name, [b"x" * 40])
            partition = server.node.partitions.get((name, 0))
            assert partition is not None
            deadline = SystemClock().monotonic() + 10
            while partition.log.start_offset < 2 or partition.log.recovery_point < 3:
                assert SystemClock().monotonic() < deadline, "no round came"
                assert fetch(client, name, 3).error_code == 0, "the broker serves meanwhile"
