"""A draft shows what its records come to, and leaves the group as it is."""

from __future__ import annotations

import pytest

from cordwood.groups.consumer import records
from cordwood.groups.consumer.draft import Draft
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.model.decision import NO_TICKET, Answer, Result, Ticket, Timer
from cordwood.model.group_errors import GroupNotFound


def test_records_are_seen_at_once_and_by_nobody_else():
    group = ConsumerGroup("g")
    draft = Draft({"g": group}, "g")
    assert draft.group is group
    draft.put(records.EpochStored("g", 1), records.EpochStored("g", 2))
    assert draft.group.epoch == 2
    assert group.epoch == 0


def test_a_group_of_another_kind_or_none_is_not_found():
    for groups in ({}, {"g": "classic"}):
        draft = Draft(groups, "g")
        with pytest.raises(GroupNotFound):
            _ = draft.group
        draft.begin()
        draft.put(records.EpochStored("g", 1))
        assert draft.group.epoch == 1
    assert groups == {"g": "classic"}


def test_a_result_is_all_in_its_order():
    draft = Draft({"g": ConsumerGroup("g")}, "g")
    draft.put(records.EpochStored("g", 1))
    draft.take(Result((records.EpochStored("g", 2),), (Answer(Ticket(7), "x"),), (Timer(("a",), 1),)))
    draft.set_timer(("b",), None)
    draft.answer(Ticket(8), "y")
    draft.answer(NO_TICKET, "nobody")
    assert draft.result() == Result(
        (records.EpochStored("g", 1), records.EpochStored("g", 2)),
        (Answer(Ticket(7), "x"), Answer(Ticket(8), "y")),
        (Timer(("a",), 1), Timer(("b",), None)),
    )
