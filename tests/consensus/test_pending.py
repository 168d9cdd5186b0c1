"""The table of those who wait."""

from __future__ import annotations

import pytest

from cordwood.consensus.pending import Pending
from cordwood.model.consensus_errors import NotTaken, OutcomeUnknown
from tests.consensus.virtual import VirtualLoop


def pending() -> Pending:
    return Pending(VirtualLoop().create_future, 3, 100)


def test_answers_find_who_asked():
    table = pending()
    one, two = table.add(10, 5), table.add(20, 5)
    table.complete(2, "reply")
    assert two.result() == "reply"
    assert not one.done()
    assert (len(table), table.size_bytes, table.last) == (1, 10, 2)
    table.fail(1, NotTaken("x"))
    table.fail(1, NotTaken("y"))
    assert "x" in str(one.exception())
    table.complete(9, None)


def test_there_is_room_for_so_many_and_so_much():
    table = pending()
    table.add(90, 5)
    with pytest.raises(NotTaken):
        table.add(11, 5)
    table.add(5, 5)
    table.add(5, 5)
    with pytest.raises(NotTaken):
        table.add(0, 5)
    table.complete(1, None)
    table.add(90, 5)


def test_deadlines_come_in_order():
    table = pending()
    one, two = table.add(0, 5), table.add(0, 6)
    table.expire(4, lambda: OutcomeUnknown("late"))
    assert not one.done()
    table.expire(5, lambda: OutcomeUnknown("late"))
    assert isinstance(one.exception(), OutcomeUnknown)
    assert not two.done()


def test_a_number_stands_for_all_before_it():
    table = pending()
    futures = [table.add(0, 5) for _ in range(3)]
    table.complete_upto(2, "reply")
    table.fail_upto(3, lambda: NotTaken("x"))
    assert [future.exception() is None for future in futures] == [True, True, False]


def test_who_has_gone_is_not_told():
    table = pending()
    future = table.add(0, 5)
    future.cancel()
    table.complete(1, "reply")
    assert future.cancelled()
    assert not len(table)
