"""Record batches beside those of kafka-python and aiokafka: they read ours, we read theirs, byte-equal when uncompressed."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import aiokafka.record.default_records as aiokafka_records
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.records.batch import TRANSACTIONAL, Codec, check_batch
from cordwood.records.builder import build_batch
from cordwood.records.control import Marker, MarkerType, build_marker
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record
from tests.records.strategies import record_lists

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python reads its resources in a way of old.
    import kafka.record.default_records as kafka_records


@dataclass(frozen=True)
class Library:
    """Another implementation of the format, and what it writes for the leader epoch that the broker will fill in."""

    name: str
    module: Any
    leader_epoch: int

    def build(self, records: list[Record], codec: Codec, producer: tuple[int, int, int], transactional: bool) -> bytes:
        """The batch that this library makes of the records."""
        builder = self.module.DefaultRecordBatchBuilder(2, codec, transactional, *producer, 1 << 30)
        for record in records:
            appended = builder.append(
                record.offset, record.timestamp_ms, record.key, record.value, list(record.headers)
            )
            assert appended is not None
        return bytes(builder.build())

    def read(self, batch: bytes) -> list[Record]:
        """The records that this library finds in a batch."""
        found = self.module.DefaultRecordBatch(batch)
        assert found.validate_crc()
        return [Record(r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in found]


LIBRARIES = [Library("kafka-python", kafka_records, 0), Library("aiokafka", aiokafka_records, -1)]
producers = st.just((-1, -1, -1)) | st.tuples(
    st.integers(0, 2**63 - 1), st.integers(0, 2**15 - 1), st.integers(0, 2**31 - 1)
)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
@given(record_lists(), producers, st.booleans())
def test_uncompressed_batches_are_equal_to_the_byte(library, records, producer, transactional):
    producer_id, producer_epoch, base_sequence = producer
    ours = build_batch(
        records,
        leader_epoch=library.leader_epoch,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        base_sequence=base_sequence,
        transactional=transactional,
    )
    assert ours == library.build(records, Codec.NONE, producer, transactional)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
@given(record_lists(), st.sampled_from(Codec), producers)
def test_we_read_theirs(library, records, codec, producer):
    batch = library.build(records, codec, producer, transactional=True)
    header = check_batch(batch)
    assert header.attributes & ~7 == TRANSACTIONAL
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == producer
    assert decode_batch(batch) == records


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
@given(record_lists(), st.sampled_from(Codec))
def test_they_read_ours(library, records, codec):
    assert library.read(build_batch(records, codec=codec)) == records


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
@pytest.mark.parametrize("codec", Codec)
def test_batches_that_are_large_enough_to_be_compressed(library, codec):
    records = [Record(n, 1_700_000_000_000 + n, b"key", b"value " * 100) for n in range(1000)]
    theirs = library.build(records, codec, (-1, -1, -1), transactional=False)
    assert check_batch(theirs).codec == codec
    assert decode_batch(theirs) == records
    assert library.read(build_batch(records, codec=codec)) == records


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
@pytest.mark.parametrize("kind", MarkerType)
def test_they_know_our_markers(library, kind):
    batch = library.module.DefaultRecordBatch(
        build_marker(Marker(kind, 3), producer_id=9, producer_epoch=2, timestamp_ms=77)
    )
    assert batch.validate_crc()
    assert batch.is_control_batch
    assert batch.is_transactional
    assert [record.key for record in batch] == [bytes([0, 0, 0, kind])]
