"""Kafka's own tool reads what is written to `__consumer_offsets` and `__transaction_state`, field by field.

DumpLogSegments comes with the jars of Apache Kafka. `bench/setup jars`, which `make test` calls, copies them from Maven;
without them this test skips.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from bench.places import KAFKA_JARS
from cordwood.coordinator.batching import Entry, batches_of
from cordwood.coordinator.stored import transactions
from cordwood.coordinator.stored.codec import encode
from cordwood.groups.classic.records import GroupStored
from cordwood.groups.consumer import records as consumer
from cordwood.groups.offsets.records import OffsetCommitted
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.model.ids import TopicPartition
from cordwood.records.batch import Codec
from cordwood.txns.records import TransactionRemoved, TransactionStored
from cordwood.txns.transitions import State
from tests.coordinator.stored.samples import SAMPLES

PATIENCE_SECONDS: Final = 60

UNKNOWN: Final = (
    consumer.PartitionMetadataStored,  # Type 4 is read, and never written.
    consumer.PartitionMetadataRemoved,
    consumer.RegexStored,  # Type 16 came with Kafka 4.0; older tools say that they pass over it.
    consumer.RegexRemoved,
)
WRITTEN: Final = [record for record in SAMPLES if not isinstance(record, UNKNOWN)]


def dumped(path: Path, decoder: str, pairs: Iterable[tuple[bytes, bytes | None]]) -> list[tuple[str, str]]:
    """Key and payload of every record in the log of a partition, as the tool shows them."""
    if not list(KAFKA_JARS.glob("kafka_2.13-*.jar")) or not shutil.which("java"):
        pytest.skip("Apache Kafka's jars, or a JVM, are not here: bench/setup jars")
    log = Log.open(str(path), LogConfig(flush_policy="os"))
    entries = [Entry.of([pair], 1_000) for pair in pairs]
    for batch in batches_of(entries, 1 << 20, Codec.NONE):
        log.append_batch(memoryview(bytearray(batch)), 0)
    (segment,) = log.segments
    log.close()
    command = ["java", "-Xmx256m", "-cp", f"{KAFKA_JARS}/*", "kafka.tools.DumpLogSegments", decoder]
    command += ["--files", str(segment.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return re.findall(r" key: (.*) payload: (.*)$", done.stdout, flags=re.MULTILINE)


def test_kafkas_own_tool_reads_every_record(tmp_path: Path) -> None:
    shown = dumped(tmp_path / "__consumer_offsets-0", "--offsets-decoder", map(encode, WRITTEN))
    found: list[tuple[Any, Any]] = [
        (json.loads(key), None if payload == "<DELETE>" else json.loads(payload)) for key, payload in shown
    ]
    assert len(found) == len(WRITTEN)
    for record, (key, payload) in zip(WRITTEN, found, strict=True):
        fields = key["data"]
        assert (fields.get("group") or fields.get("groupId")) == record.group
        assert (payload is None) is (encode(record)[1] is None)
        if isinstance(record, OffsetCommitted):
            told = payload["data"]
            assert (fields["topic"], fields["partition"], told["offset"]) == ("orders", 3, record.offset)
            assert (told["metadata"], told["commitTimestamp"]) == (record.metadata, record.commit_timestamp_ms)
        elif isinstance(record, GroupStored):
            told = payload["data"]
            assert (told["generation"], told["leader"]) == (record.generation, record.leader)
            assert [member["memberId"] for member in told["members"]] == [one.member_id for one in record.members]
        elif isinstance(record, consumer.CurrentStored):
            assert payload["data"]["memberEpoch"] == record.epoch


def test_kafkas_own_tool_reads_transactions(tmp_path: Path) -> None:
    partitions = frozenset({TopicPartition("orders", 0), TopicPartition("orders", 2)})
    ongoing = TransactionStored("payments", 5, 3, 60_000, 9, State.ONGOING, partitions, 8, client_version=2)
    written = [TransactionStored("payments", 5, 2, 60_000, 7), ongoing, TransactionRemoved("payments")]
    pairs = map(transactions.encode, written)
    found = dumped(tmp_path / "__transaction_state-0", "--transaction-log-decoder", pairs)
    assert [key for key, _ in found] == ["transaction_metadata::transactionalId=payments"] * 3
    (empty, full, removed) = [payload for _, payload in found]
    end = "txnLastUpdateTimestamp={},txnTimeoutMs=60000"
    assert empty == "producerId:5,producerEpoch:2,state=Empty,partitions=[]," + end.format(7)
    assert full.startswith("producerId:5,producerEpoch:3,state=Ongoing,partitions=[orders-")
    assert {"orders-0", "orders-2"} <= set(re.split(r"[\[\],]", full))
    assert full.endswith(end.format(9))
    assert removed == "<DELETE>"
