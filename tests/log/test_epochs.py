"""Which leader wrote which part, and where each ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.log.epochs import EpochCache
from cordwood.model.errors import CorruptLog

ENTRIES = ((0, 0), (2, 1000), (5, 1500), (6, 1900))


def cache(entries=ENTRIES):
    found = EpochCache()
    for entry in entries:
        found.assign(*entry)
    return found


@pytest.mark.parametrize(
    ("epoch", "end"),
    [
        (-1, (-1, -1)),
        (0, (0, 1000)),
        (1, (0, 1000)),
        (2, (2, 1500)),
        (4, (2, 1500)),
        (5, (5, 1900)),
        (6, (6, 2000)),
        (7, (-1, -1)),
    ],
)
def test_where_an_epoch_ends(epoch, end):
    assert cache().end_offset_for(epoch, 2000) == end


def test_an_epoch_before_the_first_ends_where_the_first_begins():
    assert cache(((3, 50),)).end_offset_for(1, 99) == (1, 50)
    assert EpochCache().end_offset_for(0, 99) == (-1, -1)


def test_only_newer_epochs_are_noted():
    found = cache()
    found.assign(6, 2500)
    found.assign(3, 2500)
    found.assign(-1, 2500)
    assert found.entries == ENTRIES
    assert found.latest == 6
    assert EpochCache().latest == -1


def test_an_epoch_that_wrote_nothing_gives_way():
    found = cache()
    found.assign(7, 1900)
    assert found.entries == (*ENTRIES[:3], (7, 1900))


def test_the_epoch_of_a_record():
    found = cache(ENTRIES[1:])
    assert [found.epoch_at(offset) for offset in (0, 999, 1000, 1499, 1500, 5000)] == [-1, -1, 2, 2, 5, 6]


def test_truncation_at_the_end():
    found = cache()
    found.truncate(1501)
    assert found.entries == ENTRIES[:3]
    found.truncate(1500)
    assert found.entries == ENTRIES[:2]
    assert found.latest == 2
    found.truncate(0)
    assert found.entries == ()
    assert found.latest == -1


def test_truncation_at_the_beginning():
    found = cache()
    found.truncate_before(1200)
    assert found.entries == ((2, 1200), (5, 1500), (6, 1900))
    found.truncate_before(1500)
    assert found.entries == ((5, 1500), (6, 1900))
    found.truncate_before(1500)
    found.truncate_before(100)
    assert found.entries == ((5, 1500), (6, 1900))


@given(st.dictionaries(st.integers(0, 1 << 31 - 1), st.integers(0, 1 << 62), max_size=10))
def test_the_bytes_say_it_all(entries):
    found = EpochCache(tuple(sorted(entries.items())))
    again = EpochCache.decode(found.encode(), "x")
    assert again.entries == found.entries
    assert not again.changed


def test_a_list_that_ends_early_is_refused():
    payload = cache().encode()
    for size in range(len(payload)):
        with pytest.raises(CorruptLog):
            EpochCache.decode(payload[:size], "x")


def test_it_knows_whether_its_checkpoint_is_old():
    found = cache()
    assert found.changed
    entries = found.entries
    found.assign(9, 3000)
    found.stored(entries)
    assert found.changed
    found.stored(found.entries)
    assert not found.changed
    found.truncate(5000)
    assert not found.changed
