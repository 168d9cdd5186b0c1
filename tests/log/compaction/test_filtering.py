"""The table of what stays, row by row."""

from __future__ import annotations

import pytest

from cordwood.log.aborted import AbortedTransaction
from cordwood.log.compaction.filtering import GONE, Filter
from cordwood.log.compaction.offset_map import OffsetMap
from cordwood.log.compaction.outcomes import Outcomes
from cordwood.model.errors import DecompressedTooLarge
from cordwood.records.batch import Codec, parse_header
from cordwood.records.builder import build_batch
from cordwood.records.control import Marker, MarkerType, build_marker, marker_of
from cordwood.records.reader import decode_batch
from cordwood.records.record import Record

NOW = 1_000_000
RETENTION = 500


def sieve(newest, end=1000, *, now_ms=NOW, last_offsets=None, last_epochs=None, aborted=(), limit_bytes=1 << 20):
    """A filter with a map of these offsets."""
    table = OffsetMap(100)
    table.put(list(newest), list(newest.values()))
    return Filter(
        table,
        end,
        now_ms=now_ms,
        delete_retention_ms=RETENTION,
        last_offsets=last_offsets or {},
        last_epochs=last_epochs or {},
        outcomes=Outcomes(aborted),
        limit_bytes=limit_bytes,
        breathe=lambda: None,
    )


def built(*pairs, base_offset=100, codec=Codec.NONE, **options):
    records = [Record(0, 5000 + number, key, value) for number, (key, value) in enumerate(pairs)]
    return build_batch(records, base_offset=base_offset, codec=codec, **options)


def applied(sieve, batch, *, is_last=False):
    view = memoryview(batch)
    result = sieve.apply(parse_header(batch), view, is_last=is_last)
    return batch if result is view else bytes(result)


def left(batch):
    return [(record.offset, record.key, record.value) for record in decode_batch(batch)]


@pytest.mark.parametrize("codec", Codec)
def test_the_newest_of_each_key_stays(codec):
    batch = built((b"a", b"1"), (b"b", b"1"), (b"a", b"2"), (b"c", b"1"), codec=codec)
    after = applied(sieve({b"a": 102, b"b": 101, b"c": 500}), batch)
    assert left(after) == [(101, b"b", b"1"), (102, b"a", b"2")]
    assert parse_header(after).codec == codec


def test_a_batch_of_which_all_stays_is_itself():
    batch = built((b"a", b"1"), (b"b", b"1"), codec=Codec.ZSTD)
    assert applied(sieve({b"a": 100, b"z": 999}), batch) is batch


def test_what_lies_behind_the_end_of_the_map_stays():
    batch = built((b"a", b"1"), (b"a", b"2"), (None, b""), (b"t", None))
    assert applied(sieve({b"a": 99}, end=100), batch) is batch
    after = applied(sieve({b"a": 101}, end=102), batch)
    assert left(after) == [(101, b"a", b"2"), (102, None, b""), (103, b"t", None)]
    assert not parse_header(after).has_delete_horizon, "a tombstone of it is not clean yet"


def test_a_tombstone_gets_its_time():
    batch = built((b"a", None), (b"b", b"1"))
    once = applied(sieve({b"a": 100}), batch)
    assert left(once) == left(batch)
    assert parse_header(once).base_timestamp == NOW + RETENTION
    assert [record.timestamp_ms for record in decode_batch(once)] == [5000, 5001]
    assert applied(sieve({}, now_ms=NOW + RETENTION - 1), once) is once
    later = applied(sieve({}, now_ms=NOW + RETENTION), once)
    assert left(later) == [(101, b"b", b"1")]
    assert parse_header(later).base_timestamp == NOW + RETENTION


def test_an_outdated_tombstone_goes_at_once():
    after = applied(sieve({b"a": 101}), built((b"a", None), (b"a", b"1")))
    assert left(after) == [(101, b"a", b"1")]
    assert not parse_header(after).has_delete_horizon


def test_records_without_key_go():
    assert left(applied(sieve({}), built((None, b"1"), (b"b", b"1"), (None, None)))) == [(101, b"b", b"1")]


def test_control_batches_stay():
    marker = build_marker(
        Marker(MarkerType.COMMIT, 1), producer_id=1, producer_epoch=0, timestamp_ms=0, base_offset=100
    )
    assert applied(sieve({}, end=100), marker) is marker
    other = built((b"\0\0\0\7", b""), control=True)
    assert applied(sieve({}), other) is other


def in_transaction(*pairs, base_offset=100):
    return built(*pairs, base_offset=base_offset, transactional=True, producer_id=1, producer_epoch=0, base_sequence=0)


def ended(kind, base_offset, epoch=0):
    marker = Marker(kind, 1)
    return build_marker(marker, producer_id=1, producer_epoch=epoch, timestamp_ms=50, base_offset=base_offset)


def test_what_was_aborted_goes():
    aborted = [AbortedTransaction(1, 90, 101, 102), AbortedTransaction(1, 110, 120, 121)]
    batch = in_transaction((b"a", b"1"))
    assert applied(sieve({}, aborted=aborted), batch) == GONE
    assert left(applied(sieve({}, aborted=aborted, last_offsets={1: 100}), batch)) == []
    for offset in (102, 121):
        committed = in_transaction((b"a", b"1"), base_offset=offset)
        assert applied(sieve({}, aborted=aborted), committed) is committed
    other = built((b"a", b"1"), producer_id=1, producer_epoch=0, base_sequence=0)
    assert applied(sieve({}, aborted=aborted), other) is other, "it was sent outside of a transaction"


@pytest.mark.parametrize("kind", MarkerType)
def test_a_marker_stays_as_long_as_its_data(kind):
    one = sieve({b"b": 500})
    assert applied(one, in_transaction((b"a", b"1"))) is not GONE
    assert applied(one, in_transaction((b"b", b"1"), base_offset=101)) == GONE
    marker = ended(kind, 102)
    assert applied(one, marker) is marker
    hollow = applied(one, marker)
    assert parse_header(hollow).has_delete_horizon
    assert parse_header(hollow).base_timestamp == NOW + RETENTION
    assert marker_of(hollow, parse_header(hollow)) == marker_of(marker, parse_header(marker))
    assert [record.timestamp_ms for record in decode_batch(hollow)] == [50]
    assert applied(sieve({}), hollow) is hollow, "the horizon has not passed"
    late = NOW + RETENTION
    assert applied(sieve({}, now_ms=late), hollow) == GONE
    assert applied(sieve({}, now_ms=late, last_epochs={1: 1}), hollow) == GONE
    for needed in (
        applied(sieve({}, now_ms=late, last_epochs={1: 0}), hollow),
        applied(sieve({}, now_ms=late), hollow, is_last=True),
    ):
        assert needed is hollow


def test_a_header_without_records_keeps_its_marker():
    one = sieve({b"a": 500}, last_offsets={1: 100})
    assert left(applied(one, in_transaction((b"a", b"1")))) == []
    marker = ended(MarkerType.ABORT, 101)
    assert applied(one, marker) is marker


def test_an_emptied_batch_goes_unless_it_is_needed():
    batch = built((b"a", b"1"), producer_id=7, producer_epoch=0, base_sequence=0)
    newest = {b"a": 500}
    assert applied(sieve(newest), batch) == GONE
    assert applied(sieve(newest, last_offsets={7: 101, 8: 100}), batch) == GONE
    empty = applied(sieve(newest, last_offsets={7: 100}), batch)
    assert parse_header(empty).record_count == 0
    assert applied(sieve(newest), batch, is_last=True) == empty
    assert applied(sieve(newest, last_offsets={7: 100}), empty) is empty
    assert applied(sieve(newest), empty, is_last=True) is empty
    assert applied(sieve(newest), empty) == GONE


def test_it_counts():
    one = sieve({b"a": 102})
    applied(one, built((b"a", b"1"), (b"b", b"1"), (b"a", b"2")))
    applied(one, built((b"a", b"1"), base_offset=2000))
    assert (one.records, one.records_kept) == (4, 3)


def test_a_bomb_is_not_decompressed():
    batch = built((b"a", bytes(100_000)), codec=Codec.GZIP)
    with pytest.raises(DecompressedTooLarge):
        applied(sieve({}, limit_bytes=50_000), batch)
