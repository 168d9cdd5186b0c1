"""The errors of the raft log: told as log ids are, and caught by what can be done."""

from __future__ import annotations

import inspect

import pytest

from cordwood.model import raftlog_errors as errors
from cordwood.model.errors import CordwoodError, CorruptLog

REFUSALS = [
    errors.VoteReversal((2, 1), (1, 9)),
    errors.LogIdReversal((2, 7), (2, 6), "append"),
    errors.LogIdNonConsecutive((2, 7), (2, 9)),
    errors.LogIndexNotFound(17),
    errors.TruncateCommitted(5, (2, 7)),
    errors.CommitBeyondLast((2, 7), (2, 8)),
]


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
def test_a_refusal_keeps_and_tells_its_values(error):
    assert isinstance(error, errors.RaftLogRefusal)
    names = list(inspect.signature(type(error).__init__).parameters)[1:]
    assert names
    for name in names:
        assert str(getattr(error, name)) in str(error)


def test_every_refusal_is_tried_here():
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    known = {kind for kind in kinds if issubclass(kind, errors.RaftLogRefusal)} - {errors.RaftLogRefusal}
    assert {type(error) for error in REFUSALS} == known


def test_damage_is_caught_as_damage():
    hole = errors.ChunkHole("r-0.wal", 474, 509)
    assert isinstance(hole, CorruptLog)
    assert (hole.path, hole.position, hole.end, hole.start) == ("r-0.wal", 474, 474, 509)
    assert "474" in str(hole)
    assert "509" in str(hole)
    mismatch = errors.ChecksumMismatch(0xA711C545, 0xF6A0EEE2)
    assert isinstance(mismatch, errors.InvalidRecord)
    assert str(mismatch) == mismatch.reason == "the checksum is a711c545, of the bytes f6a0eee2"
    assert issubclass(errors.IncompleteRecord, errors.InvalidRecord)
    assert issubclass(errors.InvalidRecord, CordwoodError)
