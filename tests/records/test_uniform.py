"""Reading by columns finds what reading one by one finds, and leaves alone what is not one run."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import InvalidBatch
from cordwood.records import record as record_module
from cordwood.records.batch import BatchHeader
from cordwood.records.record import Record, decode_records, encode_record, encode_records
from cordwood.records.uniform import RUN_LENGTH_MIN, read_run
from tests.records.strategies import mutations

BASE = 1000


def header(count: int) -> BatchHeader:
    """A header as `decode_records` needs it."""
    return BatchHeader(50, 0, 0, 2, 0, 0, max(0, count - 1), BASE, BASE, -1, -1, -1, count)


def outcome(payload: bytes, count: int) -> list[Record] | str:
    """The records, or why there are none."""
    try:
        return decode_records(header(count), payload)
    except InvalidBatch as error:
        return str(error)


def slow_outcome(payload: bytes, count: int) -> list[Record] | str:
    """The same without reading by columns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_module, "read_run", lambda *_: None)
        return outcome(payload, count)


@st.composite
def uniform(draw: st.DrawFn) -> tuple[bytes, int]:
    """The bytes of records of one shape, and their number."""
    key_size = draw(st.none() | st.sampled_from([0, 1, 5, 63, 64, 100]))
    value_size = draw(st.none() | st.sampled_from([0, 1, 63, 64, 100, 300]))
    count = draw(st.integers(1, 140))
    spread = draw(st.sampled_from([0, 1, 60, 200]))
    records = [
        Record(
            n,
            BASE + (n * 7 % (spread + 1)) - spread // 2,
            None if key_size is None else bytes([n]) * key_size,
            None if value_size is None else bytes([255 - n]) * value_size,
        )
        for n in range(count)
    ]
    return encode_records(records, BASE), count


@given(uniform())
def test_one_shape(drawn):
    payload, count = drawn
    found = decode_records(header(count), payload)
    assert found == slow_outcome(payload, count)
    assert [record.offset for record in found] == list(range(50, 50 + count))


@given(uniform().flatmap(lambda drawn: st.tuples(mutations(drawn[0]), st.just(drawn[1]))))
def test_damage_is_found_all_the_same(drawn):
    payload, count = drawn
    assert outcome(payload, count) == slow_outcome(payload, count)


@given(uniform(), st.data())
def test_every_number_that_is_changed_is_found_all_the_same(drawn, data):
    payload, count = drawn
    changed = bytearray(payload)
    position = data.draw(st.integers(0, len(payload) - 1))
    changed[position] = data.draw(st.integers(0, 255))
    assert outcome(bytes(changed), count) == slow_outcome(bytes(changed), count)


def test_a_run_ends_where_the_offsets_take_another_byte():
    payload = encode_records([Record(n, BASE, None, b"xx") for n in range(9000)], BASE)
    run = read_run(payload, 0, 9000, BASE)
    assert run is not None
    assert run.offset_deltas == range(64)
    second = read_run(payload, run.end, 9000 - 64, BASE)
    assert second is not None
    assert second.offset_deltas == range(64, 8192)
    assert read_run(payload, second.end, 9000 - 8192, BASE) is None
    assert decode_records(header(9000), payload) == slow_outcome(payload, 9000)


def test_columns():
    payload = encode_records([Record(n, BASE + n, b"k%02d" % n, b"v") for n in range(20)], BASE)
    run = read_run(payload, 0, 20, BASE)
    assert run is not None
    assert run.end == len(payload)
    assert list(run.timestamps) == list(range(BASE, BASE + 20))
    assert list(run.keys) == [b"k%02d" % n for n in range(20)]
    assert list(run.values) == [b"v"] * 20


def test_columns_that_are_the_same_all_along():
    run = read_run(encode_records([Record(n, BASE - 5) for n in range(20)], BASE), 0, 20, BASE)
    assert run is not None
    assert [list(islice(column, 2)) for column in (run.timestamps, run.keys, run.values)] == [
        [BASE - 5] * 2,
        [None] * 2,
        [None] * 2,
    ]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        encode_records([Record(n, BASE, None, b"x") for n in range(RUN_LENGTH_MIN - 1)], BASE),
        encode_records([Record(n, BASE, None, b"x" * n) for n in range(50)], BASE),
        encode_records([Record(n, BASE + 64 * n, None, b"x") for n in range(50)], BASE),
        encode_records([Record(n, BASE, None, b"x", (("h", b""),)) for n in range(50)], BASE),
        encode_records([Record(n, BASE, None, bytes(9000)) for n in range(50)], BASE),
        b"".join(encode_record(2 * n, 0, None, b"x") for n in range(30)),
        encode_record(0, 0, b"", None).replace(b"\0\1\0", b"\3\1\0") * 50,
    ],
)
def test_what_is_no_run(payload):
    assert read_run(payload, 0, 50, BASE) is None
