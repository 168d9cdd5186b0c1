"""Other people's tools read our stores: kafka-python's record reader, and Kafka's own DumpLogSegments.

DumpLogSegments comes with the jars of Apache Kafka, which bench/setup copies from Maven; without them its test skips.
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
from cordwood.log.tools.verify import Options, verify_log
from cordwood.records.batch import Codec
from cordwood.records.control import Marker, MarkerType, build_marker
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
    shop.fill(60)
    shop.compact()
    shop.log.close()
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
    marker = build_marker(Marker(MarkerType.COMMIT, 1), producer_id=7, producer_epoch=0, timestamp_ms=9)
    data = bytearray(marker)
    data[0:8] = int(log.end_offset).to_bytes(8, "big")
    log._write(data, len(data), log.end_offset + 1, 9, 9)
    log.append_many([b"bare"] * 50, timestamp_ms=2000)
    log.close()


def test_there_is_something_to_read(stores):
    assert len(stores) > 4
    assert sum(map(len, stores.values())) > 200


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
        pytest.skip("Apache Kafka's jars, or a JVM, are not here: bench/setup")
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
    compacted = [records for path, records in stores.items() if path.parent.name == "compacted-0"]
    assert told == {pair for records in compacted for pair in _gaps([record.offset for record in records])}
    dumps = re.split(r"^Dumping (.+)$", done.stdout, flags=re.MULTILINE)[1:]
    assert dumps[::2] == [str(path) for path in stores]
    for output, records in zip(dumps[1::2], stores.values(), strict=True):
        shown = re.findall(r"^\| offset: (\d+) (?!.*endTxnMarker)", output, flags=re.MULTILINE)
        assert list(map(int, shown)) == [record.offset for record in records]
        assert len(re.findall("isvalid: true", output)) == len(re.findall("^baseOffset: ", output, flags=re.MULTILINE))


def _gaps(offsets):
    return [(before, after) for before, after in pairwise(offsets) if after != before + 1]
