"""The rows of a dump in JSON: each says its type, and every batch field is there."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from cordwood.log.tools.rows import BatchRow, HeaderField, RecordRow, Row
from cordwood.records.batch import Codec, parse_header
from cordwood.records.builder import build_batch
from tests.log.kit import records


def test_every_row_has_a_type_of_its_own():
    tags = [row.__struct_config__.tag for row in get_args(Row)]
    assert len(set(tags)) == len(tags)
    assert all(tags)


def test_the_row_of_a_batch():
    data = build_batch(
        records(3), base_offset=5, codec=Codec.ZSTD, leader_epoch=2, producer_id=7, producer_epoch=1, base_sequence=9
    )
    row = msgspec.to_builtins(BatchRow.of(40, parse_header(data)))
    assert row.pop("crc") == parse_header(data).crc
    assert row == {
        "type": "batch",
        "position": 40,
        "size_bytes": len(data),
        "base_offset": 5,
        "last_offset": 7,
        "records": 3,
        "codec": "zstd",
        "leader_epoch": 2,
        "timestamp_type": "create",
        "base_timestamp": 1000,
        "max_timestamp": 1002,
        "producer_id": 7,
        "producer_epoch": 1,
        "base_sequence": 9,
        "last_sequence": 11,
        "is_transactional": False,
        "is_control": False,
        "has_delete_horizon": False,
    }


@pytest.mark.parametrize(
    ("row", "json"),
    [
        (RecordRow(1, 2), b'{"type":"record","offset":1,"timestamp":2}'),
        (
            RecordRow(1, 2, key="k", value_base64=b"\xff", headers=(HeaderField("h"),)),
            b'{"type":"record","offset":1,"timestamp":2,"key":"k","value_base64":"/w==","headers":[{"name":"h"}]}',
        ),
    ],
)
def test_what_is_null_is_left_out_of_records(row, json):
    assert msgspec.json.encode(row) == json
