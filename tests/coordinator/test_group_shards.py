"""What is particular to shards of groups: names for members, and offsets that belong to a transaction."""

from __future__ import annotations

from cordwood.coordinator.shard_kind import NOBODY, Producer
from cordwood.groups.listing import DescribeClassic, ListGroups
from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved
from cordwood.model.decision import NO_TICKET
from tests.coordinator.rig import KIND


def test_a_turn_has_the_time_and_names_that_nobody_had():
    turn = KIND.new_turn(NO_TICKET)
    names = {turn.new_id() for _ in range(3)}
    assert len(names) == 3
    assert {len(name) for name in names} == {22}


def test_what_a_question_is_about():
    assert KIND.name_of(DescribeClassic("g")) == "g"
    assert KIND.name_of(ListGroups()) == ""


def test_an_offset_knows_whose_transaction_it_is_part_of():
    committed = OffsetCommitted("g", "orders", 0, 5, producer_id=7, producer_epoch=3)
    producer = KIND.producer_of(committed)
    assert producer == Producer(7, 3)
    assert KIND.decode(*KIND.encode(committed), producer) == committed
    assert KIND.decode(*KIND.encode(committed), NOBODY) == OffsetCommitted("g", "orders", 0, 5)


def test_what_is_removed_is_part_of_no_transaction():
    removed = OffsetRemoved("g", "orders", 0)
    assert KIND.producer_of(removed) is NOBODY
    assert KIND.decode(*KIND.encode(removed), Producer(7, 3)) == removed
