"""The map is filled from the dirty part, as far as it goes."""

from __future__ import annotations

import pytest

from cordwood.log.compaction.mapping import fill
from cordwood.model.errors import CorruptLog
from cordwood.records.batch import Codec
from tests.log.compaction.workshop import Workshop


def nothing(header):
    return False


@pytest.fixture
def shop():
    shop = Workshop()
    shop.fill(60, keys=9)
    return shop


def newest(shop, start, end):
    return {record.key: record.offset for record in shop.appended if start <= record.offset < end}


def looked_up(shop, keys):
    return dict(zip(keys, shop.tools.offset_map.newest(list(keys), [-1] * len(keys)), strict=True))


@pytest.mark.parametrize("start", [0, 1, 17, 50])
def test_the_newest_offsets_from_the_start_on(shop, start):
    dirty = [segment for segment in shop.log.segments[:-1] if segment.next_offset > start]
    assert fill(shop.tools, dirty, start, nothing) == dirty[-1].next_offset
    wanted = {key: offset for key, offset in newest(shop, start, dirty[-1].next_offset).items() if len(key) <= 63}
    assert looked_up(shop, wanted) == wanted
    assert len(shop.tools.offset_map) == len(newest(shop, start, dirty[-1].next_offset))
    assert shop.tools.progress.bytes_mapped > 0


def test_a_full_map_says_where_it_ends(shop):
    small = Workshop(entries=3)
    small.fill(60, keys=9)
    segments = small.log.segments[:-1]
    end = fill(small.tools, segments, 0, nothing)
    assert len(newest(small, 0, end)) == 3
    assert len(newest(small, 0, end + 1)) == 4


def test_what_does_not_count_is_left_out():
    shop = Workshop()
    shop.append((b"a", b"1"), (None, b"2"), (b"b", b"1"), codec=Codec.LZ4)
    shop.append((b"a", b"2"), (b"c", b"1"), transactional=True, producer_id=1, producer_epoch=0, base_sequence=0)
    shop.roll()
    segments = shop.log.segments[:-1]
    assert fill(shop.tools, segments, 0, lambda header: header.is_transactional) == segments[-1].next_offset
    assert looked_up(shop, [b"a", b"b", b"c"]) == {b"a": 0, b"b": 2, b"c": -1}


def test_records_that_are_none_are_told_with_their_place(shop):
    shop.append((b"a", b"1" * 40), codec=Codec.GZIP)
    shop.roll()
    small = shop.tools.config.__class__(dedupe_buffer_bytes=10_000, io_buffer_bytes=700, decompressed_limit_bytes=1)
    shop.tools.config = small
    with pytest.raises(CorruptLog, match="decompress"):
        fill(shop.tools, shop.log.segments[:-1], 0, nothing)
