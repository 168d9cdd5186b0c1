"""What is written of a group is a generation, whole, or that the group is gone; nothing else."""

from __future__ import annotations

import inspect

from cordwood.groups.classic import records
from cordwood.groups.classic.records import GroupRemoved, GroupStored
from cordwood.groups.record import Record


def test_two_records_are_stored():
    kinds = {kind for _, kind in inspect.getmembers(records, inspect.isclass) if issubclass(kind, Record)} - {Record}
    assert {kind for kind in kinds if kind.stored} == {GroupStored, GroupRemoved}
    assert len(kinds) > 2


def test_a_stored_group_without_members_is_empty():
    stored = GroupStored("g", 0)
    assert (stored.protocol_type, stored.protocol, stored.leader, stored.members) == ("", None, None, ())
