"""What is seen of a log, and what became of it since."""

from __future__ import annotations

import pytest

from cordwood.raft import Position
from cordwood.sim.quorum.sight import Terms
from tests.sim.quorum.kit import see


@pytest.mark.parametrize(
    ("entry", "has"),
    [
        (Position(1, 1), True),
        (Position(1, 2), True),
        (Position(2, 2), False),
        (Position(2, 3), True),
        (Position(3, 4), True),
        (Position(4, 4), False),
        (Position(4, 5), False),
    ],
)
def test_an_entry_is_in_the_log_or_below_it(entry, has):
    sight, log = see(log=(1, 1, 2, 3), before=Position(1, 2))
    assert sight.first == 3
    assert sight.has(log, entry) is has


def changes(*logs):
    terms = Terms()
    for sight, log in logs:
        change = terms.compare(sight, log)
        yield change.kept, change.old_last, [entry.index for entry in change.entries], change.previous, change.is_cut


def test_a_log_that_grows_and_is_cut():
    found = changes(
        see(log=(1, 1)),
        see(log=(1, 1, 2)),
        see(log=(1, 3, 3)),
        see(log=(1, 3)),
        see(log=(1, 3)),
    )
    assert list(found) == [
        (0, 0, [1, 2], 0, False),
        (2, 2, [3], 1, False),
        (1, 3, [2, 3], 1, True),
        (2, 3, [], 3, True),
        (2, 2, [], 3, False),
    ]


def test_a_snapshot_in_place_of_a_log():
    terms = (1, 1, 1, 2, 2)
    found = changes(
        see(log=(1, 1)),
        see(log=terms[:4], before=Position(2, 4), snapshot=Position(2, 4)),
        see(log=terms, before=Position(2, 4), snapshot=Position(2, 4)),
        see(log=terms, before=Position(2, 5), snapshot=Position(2, 5)),
    )
    assert list(found) == [
        (0, 0, [1, 2], 0, False),
        (2, 2, [], 2, False),
        (4, 4, [5], 2, False),
        (5, 5, [], 2, False),
    ]
