"""Batches kept as files: what was once written can always be read, and is written the same way today.

Compressed bytes depend on the version of the codec's library, so of those only the reading is held fast.
`python -m tests.records.test_golden` writes the files that are missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from cordwood.records.batch import Codec, check_stored_batch
from cordwood.records.builder import build_batch
from cordwood.records.control import Marker, MarkerType, build_marker, parse_marker
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record

FOLDER: Final = Path(__file__).parents[1] / "golden" / "records"

RECORDS: Final = [
    Record(100, 1_700_000_000_000, None, b"bare"),
    Record(101, 1_700_000_000_001, b"key", b"", (("name", b"value"), ("null", None), ("name", b"again"))),
    Record(102, 1_699_999_999_990, b"tombstone", None),
    Record(103, 1_700_000_123_456, b"long", b"x" * 9000),
    *(Record(offset, 1_700_000_000_100, None, b"0123456789" * 10) for offset in range(104, 180)),
]
MARKERS: Final = {"commit": Marker(MarkerType.COMMIT, 7), "abort": Marker(MarkerType.ABORT, -1)}


def batch_of(codec: Codec) -> bytes:
    """The records as an idempotent producer's batch that was stored under leader epoch 3."""
    return build_batch(
        RECORDS, base_offset=100, codec=codec, leader_epoch=3, producer_id=4000, producer_epoch=1, base_sequence=17
    )


def batch_of_marker(marker: Marker) -> bytes:
    """The marker as it was stored under leader epoch 3."""
    return build_marker(
        marker, producer_id=4000, producer_epoch=1, timestamp_ms=1_700_000_000_000, base_offset=200, leader_epoch=3
    )


def golden_files() -> dict[str, bytes]:
    """Every file by its name, with what would be written today."""
    files = {f"{codec.name.lower()}.batch": batch_of(codec) for codec in Codec}
    return files | {f"{name}.batch": batch_of_marker(marker) for name, marker in MARKERS.items()}


@pytest.mark.parametrize("codec", Codec)
def test_records_are_read(codec):
    batch = (FOLDER / f"{codec.name.lower()}.batch").read_bytes()
    header = check_stored_batch(batch)
    assert (header.codec, header.size_bytes, header.leader_epoch) == (codec, len(batch), 3)
    assert decode_batch(batch) == RECORDS


@pytest.mark.parametrize("name", MARKERS)
def test_markers_are_read(name):
    batch = (FOLDER / f"{name}.batch").read_bytes()
    assert check_stored_batch(batch).is_control
    assert [parse_marker(record) for record in decode_batch(batch)] == [MARKERS[name]]


@pytest.mark.parametrize("name", ["none.batch", "commit.batch", "abort.batch"])
def test_the_same_bytes_are_written(name):
    assert golden_files()[name] == (FOLDER / name).read_bytes()


if __name__ == "__main__":
    for name, content in golden_files().items():
        if not (FOLDER / name).exists():
            (FOLDER / name).write_bytes(content)
