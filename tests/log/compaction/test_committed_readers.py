"""Compacted logs with transactions, read by others: kafka-python's consumer in read_committed, and Kafka's own tool.

What is right is said by the list of everything that was appended, not by the log. DumpLogSegments comes with the jars of
Apache Kafka (`bench/setup jars`); without them its test skips.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from types import SimpleNamespace
from typing import Final

import pytest

from bench.places import KAFKA_JARS
from cordwood.env.dice import SeededDice
from cordwood.env.disk import LocalDisk
from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.tools.verify import Options, verify_log
from cordwood.records.batch import Codec
from cordwood.records.control import MarkerType, marker_of
from tests.log.compaction.workshop import Workshop
from tests.properties.committed import read_committed

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python reads its resources in a way of old.
    from kafka.consumer.fetcher import Fetcher, IsolationLevel
    from kafka.record import MemoryRecords
    from kafka.structs import TopicPartition

PATIENCE_SECONDS: Final = 60
RETENTION_MS: Final = 1000
PRODUCERS: Final = (1, 2, 3)


class Shop(Workshop):
    """Knows what counts."""

    state: dict[bytes, bytes]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A log of transactions, compacted after each of four parts; `state` is what counts of all that was appended."""
    path = str(tmp_path_factory.mktemp("logs") / "transactions-0")
    shop = Shop(disk=LocalDisk(), compaction=CompactionConfig(delete_retention_ms=RETENTION_MS), path=path)
    dice, epochs, sequences = SeededDice(3), [0] * 4, [0] * 4
    sent, counted = {}, set()
    """The offsets of what each open transaction sent, and of what counts."""
    for part in range(4):
        for number in range(120):
            who, pair = dice.below(4), (b"key-%d" % dice.below(8), b"%d.%d" % (part, number) + b"." * dice.below(40))
            if who == 0:
                counted.add(shop.append(pair, codec=Codec(dice.below(5))))
            elif who in sent and dice.below(3) == 0:
                kind = MarkerType(dice.below(2))
                epochs[who] += 1
                shop.log.append_marker(who, epochs[who], kind, 5, 0, transaction_version=2)
                offsets = sent.pop(who)
                counted |= offsets if kind is MarkerType.COMMIT else set()
                sequences[who] = 0
            else:
                fields = {"producer_id": who, "producer_epoch": epochs[who], "base_sequence": sequences[who]}
                offset = shop.append(pair, codec=Codec(dice.below(5)), transactional=True, **fields)
                sequences[who] += 1
                sent.setdefault(who, set()).add(offset)
        for who in list(sent):
            epochs[who] += 1
            shop.log.append_marker(who, epochs[who], MarkerType.ABORT, 5, 0, transaction_version=2)
            sequences[who] = 0
            del sent[who]
        shop.roll()
        counted |= {record.offset for record in shop.appended if record.key.startswith(b"roll")}
        shop.compact()
        shop.clock.advance(RETENTION_MS + 1)
    shop.state = {record.key: record.value for record in shop.appended if record.offset in counted}
    shop.append((b"key-0", b"open"), producer_id=1, producer_epoch=epochs[1], base_sequence=0, transactional=True)
    shop.append((b"key-1", b"behind it"))
    shop.log.checkpoint()
    yield shop
    shop.log.close()


def stable_offset(log):
    undecided = log.first_undecided_offset()
    return log.end_offset if undecided is None else undecided


def headers_of(log):
    """Each batch of all segments with what it says if it ends a transaction."""
    return [
        (header, marker_of(segment.store.file.read(header.size_bytes, position), header) if header.is_control else None)
        for segment in log.segments
        for position, header in segment.store.headers(0, segment.size_bytes)
    ]


def test_compaction_left_all_that_it_may_leave_of_transactions(shop):
    """Markers of both kinds with and without a delete horizon, some gone, and one that is no more than its epoch."""
    headers = headers_of(shop.log)
    markers = [(header, marker) for header, marker in headers if marker is not None]
    kinds = {(marker.type, header.has_delete_horizon) for header, marker in markers}
    assert kinds == {(kind, has_horizon) for kind in MarkerType for has_horizon in (False, True)}
    assert any(one.is_transactional and not one.is_control and not one.record_count for one, _ in headers), "emptied"
    first = min(header.base_offset for header, _ in markers)
    assert first > 50, "the oldest markers are gone"
    assert shop.log.aborted_between(0, shop.log.end_offset)
    assert not verify_log(shop.disk, shop.path, Options(decodes_records=True)).damage


@pytest.mark.parametrize("max_bytes", [300, 1500, 1 << 20])
def test_kafka_python_gets_what_was_committed(shop, max_bytes):
    log, offset, records = shop.log, shop.log.start_offset, []
    end = stable_offset(log)
    while (found := log.read_range(offset, max_bytes, end_offset=end)) is not None:
        data = found.file.read(found.end - found.start, found.start)
        pairs = log.aborted_within(offset, found)
        aborted = [SimpleNamespace(producer_id=producer_id, first_offset=first) for producer_id, first in pairs]
        consumer = Fetcher.PartitionRecords(
            offset,
            TopicPartition("transactions", 0),
            MemoryRecords(data),
            isolation_level=IsolationLevel.READ_COMMITTED,
            aborted_transactions=aborted,
        )
        records += consumer.take()
        offset = consumer.next_fetch_offset
    assert offset == end
    assert {record.key: record.value for record in records} == shop.state
    ours = read_committed(log, end)
    assert [(one.offset, one.key, one.value) for one in records] == [(one.offset, one.key, one.value) for one in ours]


def test_kafkas_own_tool_sees_every_marker(shop):
    """With its kind, the epoch of its coordinator, and the delete horizon of its batch."""
    jars = list(KAFKA_JARS.glob("kafka_2.13-*.jar"))
    if not jars or not shutil.which("java"):
        pytest.skip("Apache Kafka's jars, or a JVM, are not here: bench/setup jars")
    stores = [segment.path for segment in shop.log.segments if segment.size_bytes]
    command = ["java", "-Xmx256m", "-cp", f"{KAFKA_JARS}/*", "kafka.tools.DumpLogSegments"]
    command += ["--deep-iteration", "--print-data-log", "--files", ",".join(stores)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    assert not re.findall("(?i)mismatch|isvalid: false|exception", done.stdout + done.stderr)
    headers = headers_of(shop.log)
    found = re.findall(r"^\| offset: (\d+) .*endTxnMarker: (\w+) coordinatorEpoch: (\d+)", done.stdout, re.MULTILINE)
    assert [(int(offset), kind, int(epoch)) for offset, kind, epoch in found] == [
        (header.base_offset, marker.type.name, marker.coordinator_epoch)
        for header, marker in headers
        if marker is not None
    ]
    pattern = r"^baseOffset: (\d+) .*isTransactional: (\w+) isControl: (\w+) deleteHorizonMs: (\S+)"
    batches = re.findall(pattern, done.stdout, re.MULTILINE)
    assert [(int(base), *flags, horizon) for base, *flags, horizon in batches] == [
        (header.base_offset, flag(header.is_transactional), flag(header.is_control), horizon_of(header))
        for header, _ in headers
    ]


def flag(value):
    return str(value).lower()


def horizon_of(header):
    return f"OptionalLong[{header.base_timestamp}]" if header.has_delete_horizon else "OptionalLong.empty"
