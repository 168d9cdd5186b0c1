"""Decisions share batches, and their records stay together as long as they can."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.coordinator.batching import Entry, batches_of
from cordwood.coordinator.shard_kind import Producer
from cordwood.records.batch import HEADER_SIZE, Codec, check_batch, parse_header
from cordwood.records.reader import decode_batch


def entry(*values: bytes, producer: Producer | None = None) -> Entry:
    pairs = [(b"key", value) for value in values]
    return Entry.of(pairs, 1_000, producer) if producer else Entry.of(pairs, 1_000)


def values_of(batch: bytes) -> list[bytes | None]:
    return [record.value for record in decode_batch(batch)]


def test_decisions_share_a_batch():
    (batch,) = batches_of([entry(b"a", b"b"), entry(b"c")], 10_000, Codec.NONE)
    assert values_of(batch) == [b"a", b"b", b"c"]
    check_batch(batch)
    header = parse_header(batch)
    assert (header.base_timestamp, header.max_timestamp, header.producer_id) == (1_000, 1_000, -1)


def test_a_decision_is_not_torn_while_a_batch_can_hold_it():
    big = b"x" * 100
    batches = list(batches_of([entry(big, big), entry(big, big), entry(big)], HEADER_SIZE + 300, Codec.NONE))
    assert [len(values_of(batch)) for batch in batches] == [2, 2, 1]


def test_a_decision_that_is_too_large_is_spread():
    big = b"x" * 100
    batches = list(batches_of([entry(b"a"), entry(*[big] * 5), entry(b"b")], HEADER_SIZE + 300, Codec.NONE))
    assert [len(values_of(batch)) for batch in batches] == [1, 2, 2, 1, 1]


def test_what_belongs_to_a_transaction_has_its_own_batches():
    producer = Producer(7, 2)
    entries = [entry(b"a"), entry(b"b", producer=producer), entry(b"c", producer=producer), entry(b"d")]
    batches = list(batches_of(entries, 10_000, Codec.NONE))
    headers = [parse_header(batch) for batch in batches]
    assert [(header.producer_id, header.producer_epoch, header.is_transactional) for header in headers] == [
        (-1, -1, False),
        (7, 2, True),
        (-1, -1, False),
    ]


def test_batches_are_compressed_where_that_is_wanted():
    (batch,) = batches_of([entry(b"a" * 500)], 10_000, Codec.ZSTD)
    assert parse_header(batch).codec is Codec.ZSTD
    assert values_of(batch) == [b"a" * 500]


@settings(max_examples=100)
@given(st.lists(st.lists(st.binary(max_size=60), min_size=1, max_size=6), max_size=12), st.integers(100, 400))
def test_nothing_is_lost_and_nothing_is_too_large(decisions, room):
    batches = list(batches_of([entry(*values) for values in decisions], HEADER_SIZE + room, Codec.NONE))
    assert [value for batch in batches for value in values_of(batch)] == [v for values in decisions for v in values]
    assert all(len(batch) <= HEADER_SIZE + room for batch in batches)
