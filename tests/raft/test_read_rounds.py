"""Which reads a round of heartbeats confirms."""

from __future__ import annotations

from cordwood.raft.read_rounds import Read, ReadRounds

READ = Read(1, b"read")


def done(rounds, number):
    return [waiting.commit for waiting in rounds.confirm(number)]


def test_a_read_waits_for_a_round_that_starts_after_it():
    rounds = ReadRounds()
    rounds.start(1, tick=1)
    rounds.add(5, READ)
    assert done(rounds, 1) == []
    assert rounds.due
    rounds.start(1, tick=2)
    assert not rounds.due
    assert done(rounds, 2) == [5]
    assert rounds.waiting == 0


def test_the_next_round_waits_for_the_one_under_way():
    rounds = ReadRounds()
    rounds.add(5, READ)
    assert rounds.due
    rounds.start(1, tick=1)
    rounds.add(6, READ)
    rounds.add(7, READ)
    assert not rounds.due
    assert done(rounds, 1) == [5]
    assert rounds.due
    rounds.start(1, tick=1)
    assert done(rounds, 2) == [6, 7]


def test_a_later_round_confirms_earlier_reads():
    rounds = ReadRounds()
    rounds.add(5, READ)
    rounds.start(1, tick=1)
    rounds.start(1, tick=2)
    assert done(rounds, 2) == [5]
    assert done(rounds, 1) == []


def test_answers_count_for_earlier_rounds_and_never_go_back():
    rounds = ReadRounds()
    for tick in (1, 2, 3):
        rounds.start(1, tick)
    rounds.answer(2, 2)
    rounds.answer(2, 1)
    rounds.answer(3, 9)
    assert rounds.answered == {1: 3, 2: 2, 3: 3}


def test_a_confirmed_round_tells_when_it_was_sent():
    rounds = ReadRounds()
    assert rounds.confirmed_tick is None
    rounds.start(1, tick=4)
    rounds.start(1, tick=4)
    rounds.start(1, tick=7)
    rounds.confirm(2)
    assert rounds.confirmed_tick == 4
    rounds.confirm(3)
    assert rounds.confirmed_tick == 7


def test_nobody_confirms_a_round_that_was_not_sent():
    rounds = ReadRounds()
    rounds.add(5, READ)
    assert done(rounds, 2**63 - 1) == []
