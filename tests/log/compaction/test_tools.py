"""What a thread compacts with."""

from __future__ import annotations

from itertools import count
from typing import Any

from cordwood.env.disk import LocalDisk
from cordwood.log.compaction.config import CleanerConfig
from cordwood.log.compaction.tools import Progress, Tools
from tests.log.compaction.workshop import Workshop


def test_the_defaults_are_the_machine():
    tools = Tools()
    assert isinstance(tools.disk, LocalDisk)
    assert tools.offset_map.limit_entries == CleanerConfig().map_entries
    assert not tools.stop.is_set()
    tools.pace.check()


def test_progress_begins_with_nothing_and_counts():
    progress = Progress()
    assert {getattr(progress, name) for name in Progress.__slots__} == {None, 0}
    shop = Workshop()
    shop.fill(60)
    result = shop.compact()
    found = shop.tools.progress
    assert (found.rounds, found.records, found.records_kept) == (1, result.records, result.records_kept)
    assert (found.segments_replaced, found.segments_made) == (result.segments_replaced, result.segments_made)
    assert found.bytes_mapped == found.bytes_read == result.bytes_before
    assert found.bytes_written == result.bytes_after


class Counter:
    """A clock that goes on by a second each time that it is asked."""

    def __init__(self):
        self.seconds = count()

    def monotonic(self):
        return float(next(self.seconds))


def test_the_time_of_a_compaction_is_counted():
    shop = Workshop()
    shop.fill(10)
    clock: Any = Counter()
    shop.tools.clock = clock
    shop.compact()
    assert shop.tools.progress.seconds == 1.0
    shop.compact()
    assert shop.tools.progress.seconds == 2.0
