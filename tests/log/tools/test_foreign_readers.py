"""Other people's tools read our stores: kafka-python's record reader, and Kafka's own DumpLogSegments.

DumpLogSegments comes with the jars of Apache Kafka. `bench/setup jars`, which `make test` calls, copies them from Maven;
without them its test skips.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from bench.places import KAFKA_JARS
from cordwood.env.disk import LocalDisk
from cordwood.log.config import LogConfig
from cordwood.log.store import Store
from cordwood.log.tools.verify import Options, verify_log
from cordwood.records.batch import Codec
from cordwood.records.control import MarkerType
from cordwood.records.record import Record
from tests.log.compaction.workshop import Workshop
from tests.log.kit import World, batch, produced

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python reads its resources in a way of old.
    from kafka.record import MemoryRecords

CONFIG: Final = LogConfig(flush_policy="os", segment_bytes=4000, index_interval_bytes=500)
PATIENCE_SECONDS: Final = 60


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """The stores of two closed logs, one of them compacted, with a record for each offset that is in them."""
    directory = tmp_path_factory.mktemp("logs")
    plain = World(CONFIG, LocalDisk(), str(directory / "plain-0"))
    fill(plain)
    shop = Workshop(CONFIG, LocalDisk(), path=str(directory / "compacted-0"))
    fill_and_compact(shop)
    found = {}
    for world in (plain, shop):
        assert not verify_log(world.disk, world.path, Options(decodes_records=True)).damage
        log = world.open()
        records = list(log.read())
        for segment in log.segments:
            held = [record for record in records if segment.base_offset <= record.offset < segment.next_offset]
            found[Path(segment.path)] = held
        log.close()
    return {path: records for path, records in found.items() if path.stat().st_size}


def fill(world):
    """Everything that a store may hold."""
    log = world.open()
    for codec in Codec:
        records = [Record(0, 1000 + n, b"key", b"value %d " % n * 9, (("h", b"x"), ("n", None))) for n in range(20)]
        log.append_records(records, codec=codec)
        log.append_records([Record(0, 5, None, None)], codec=codec)
    for number in range(30):
        log.append_batch(produced(7, 0, number * 2, 2), 1)
        log.append_batch(batch(3, start=number), 1)
    mark(log, MarkerType.COMMIT)
    log.append_many([b"bare"] * 50, timestamp_ms=2000)
    log.close()


def mark(log, kind):
    """Ends the transaction of producer 7."""
    log.append_marker(7, 0, kind, 1, log.epochs.latest)


def fill_and_compact(shop):
    """Everything that compaction may leave, by two rounds of it."""
    shop.fill(60)
    mine = {"producer_id": 7, "producer_epoch": 0}
    for number, codec in enumerate(Codec):
        pairs = [(b"once-%d-%d" % (number, key), b"v" * 40) for key in range(5)]
        shop.append(*pairs, (b"key-0", b"old"), (b"gone", b"1"), codec=codec, headers=(("h", b"x"), ("n", None)))
        shop.append((b"gone", None), (b"key-1", b"new"), codec=codec, timestamp_ms=5000)
        shop.append((b"key-0", b"%d" % number), codec=codec, base_sequence=number, **mine)
    shop.append((b"sent", b"1"), (b"sent", b"2"), base_sequence=len(Codec), transactional=True, **mine)
    mark(shop.log, MarkerType.ABORT)
    shop.append((b"last of 8", b"1"), producer_id=8, producer_epoch=0, base_sequence=0)
    shop.append((b"last of 8", b"2"))
    shop.roll()
    shop.compact()
    shop.fill(60, seed=2)
    shop.roll()
    shop.compact()
    shop.log.close()


def headers_of(path):
    """Of all batches of a store."""
    store = Store(LocalDisk().open(str(path)))
    return [header for _, header in store.headers(0, store.size_bytes)]


def test_there_is_something_to_read(stores):
    assert len(stores) > 4
    assert sum(map(len, stores.values())) > 200


def test_compaction_left_all_that_it_may_leave(stores):
    """Holes between batches and inside of them for each codec, place-holders, delete horizons and control batches."""
    found = {path: headers_of(path) for path in stores if path.parent.name == "compacted-0"}
    headers = [header for batches in found.values() for header in batches]
    thinned = {one.codec for one in headers if 0 < one.record_count <= one.last_offset_delta}
    assert thinned == set(Codec)
    assert any(one.record_count == 0 and one.producer_id == 8 for one in headers), "a place-holder"
    assert any(one.has_delete_horizon for one in headers)
    assert any(one.is_control for one in headers)
    assert any(one.is_transactional and not one.is_control for one in headers)
    pairs = [pair for batches in found.values() for pair in pairwise(batches)]
    assert any(after.base_offset > before.next_offset for before, after in pairs), "a hole between batches"


def test_kafka_python_reads_every_record(stores):
    for path, records in stores.items():
        data = path.read_bytes()
        reader = MemoryRecords(data)
        assert reader.valid_bytes() == len(data)
        found = []
        while (one := reader.next_batch()) is not None:
            assert one.validate_crc()
            found += [] if one.is_control_batch else list(one)
        assert [(record.offset, record.timestamp, record.key, record.value) for record in found] == [
            (record.offset, record.timestamp_ms, record.key, record.value) for record in records
        ]
        assert [list(record.headers) for record in found] == [list(record.headers) for record in records]


def test_kafkas_own_tool_reads_every_record(stores):
    """With each record decoded; its own checks of offsets and CRCs find nothing but the gaps that compaction leaves.

    Of those it tells in Kafka's own compacted logs as well.
    """
    jars = list(KAFKA_JARS.glob("kafka_2.13-*.jar"))
    if not jars or not shutil.which("java"):
        pytest.skip("Apache Kafka's jars, or a JVM, are not here: bench/setup jars")
    command = ["java", "-Xmx256m", "-cp", f"{KAFKA_JARS}/*", "kafka.tools.DumpLogSegments"]
    command += ["--deep-iteration", "--print-data-log", "--files", ",".join(map(str, stores))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    assert not re.findall("(?i)mismatch|isvalid: false|exception", done.stdout + done.stderr)
    gaps = re.findall(r"^Non-consecutive offsets in (.+)$", done.stderr, flags=re.MULTILINE)
    assert {Path(path).parent.name for path in gaps} == {"compacted-0"}
    told = {
        tuple(map(int, pair)) for pair in re.findall(r"^  (\d+) is followed by (\d+)$", done.stderr, flags=re.MULTILINE)
    }
    offsets = [
        sorted([record.offset for record in records] + [one.base_offset for one in headers_of(path) if one.is_control])
        for path, records in stores.items()
    ]
    assert told == {(before, after) for one in offsets for before, after in pairwise(one) if after != before + 1}
    dumps = re.split(r"^Dumping (.+)$", done.stdout, flags=re.MULTILINE)[1:]
    assert dumps[::2] == [str(path) for path in stores]
    for output, records in zip(dumps[1::2], stores.values(), strict=True):
        shown = re.findall(r"^\| offset: (\d+) (?!.*endTxnMarker)", output, flags=re.MULTILINE)
        assert list(map(int, shown)) == [record.offset for record in records]
        assert len(re.findall("isvalid: true", output)) == len(re.findall("^baseOffset: ", output, flags=re.MULTILINE))
