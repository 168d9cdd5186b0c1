"""What a log tells of itself, as values."""

from __future__ import annotations

import pytest

from cordwood.raftlog.chunk import Chunk
from cordwood.raftlog.records import RaftLogState
from cordwood.raftlog.stat import AccessStat, ChunkStat, Span


def test_a_chunk_is_told_with_the_state_at_its_end():
    chunk = Chunk("/dir", 161)
    chunk.end, chunk.records = 324, 5
    state = RaftLogState(last=(2, 3))
    assert ChunkStat.of(chunk, state) == ChunkStat(161, 324, 5, state)
    assert ChunkStat.of(chunk, state).size_bytes == 163
    with pytest.raises(AssertionError):
        ChunkStat.of_closed(chunk)
    chunk.closing_state = state
    assert ChunkStat.of_closed(chunk) == ChunkStat(161, 324, 5, state)


def test_pairs_have_names():
    assert Span(3, 7) == (3, 7)
    assert AccessStat(hits=4, misses=1) == (4, 1)
