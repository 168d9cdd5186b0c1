"""The plan of a repair: what is rebuilt, what is cut, and what that costs."""

from __future__ import annotations

import msgspec
import pytest

from cordwood.log.tools.repair import (
    Plan,
    RebuildEpochs,
    RebuildIndexes,
    RebuildMeta,
    RebuildSnapshot,
    Remove,
    Stamp,
    plan_repair,
)
from cordwood.records.batch import parse_header
from tests.log.tools.damage import cut, files_of, filled, flip, name_of, remove, swap, verified, world_of

FILES = files_of(filled())
STORES = [name for name in FILES if name.endswith(".log")]
BASES = [int(name[:20]) for name in STORES]
MIDDLE, MIDDLE_BASE = STORES[2], BASES[2]
BATCH = parse_header(FILES[MIDDLE]).size_bytes


@pytest.fixture
def world():
    """A log of several segments, closed."""
    return world_of(FILES)


def planned(world):
    return plan_repair(world.disk, verified(world))


def kinds(plan):
    return [type(step) for step in plan.steps]


def size_of(*names):
    return sum(len(FILES[name]) for name in names)


def test_a_sound_log_needs_nothing(world):
    assert planned(world).is_empty
    assert planned(world) == Plan(world.path)


def test_a_wrong_batch_is_cut_and_the_loss_told_precisely(world):
    flip(world, MIDDLE, BATCH + 70)
    place = planned(world).cut
    assert place is not None
    assert (place.segment, place.position) == (MIDDLE_BASE, BATCH)
    assert place.path.endswith(MIDDLE)
    assert (place.offset, place.end_offset) == (MIDDLE_BASE + 3, 134)
    assert place.size_bytes == size_of(*STORES[2:]) - BATCH
    assert [path.rpartition("/")[2] for path in place.removed] == STORES[3:]
    assert (place.valid_start, place.valid_end) == (MIDDLE_BASE + 6, 134)
    assert place.valid_bytes == place.size_bytes - BATCH
    assert place.valid_batches == verified(world_of(FILES)).batches - verified(_until(world)).batches - 1


def _until(world):
    """The log up to the damage."""
    shorter = world_of(FILES)
    for name in STORES[3:]:
        remove(shorter, name)
    cut(shorter, MIDDLE, BATCH)
    return shorter


def test_the_first_bad_place_counts(world):
    flip(world, STORES[3], 70)
    flip(world, MIDDLE, 3 * BATCH + 70)
    flip(world, MIDDLE, 5 * BATCH + 70)
    place = planned(world).cut
    assert (place.segment, place.position) == (MIDDLE_BASE, 3 * BATCH)


def test_a_missing_file_cuts_behind_the_one_before(world):
    remove(world, MIDDLE)
    place = planned(world).cut
    assert (place.segment, place.position) == (BASES[1], size_of(STORES[1]))
    assert place.size_bytes == size_of(*STORES[3:])
    assert (place.offset, place.end_offset, place.valid_start) == (MIDDLE_BASE, 134, BASES[3])


def test_a_lost_end_costs_no_byte_but_is_a_loss(world):
    remove(world, STORES[-1])
    place = planned(world).cut
    assert (place.segment, place.size_bytes, place.valid_batches) == (BASES[-2], 0, 0)
    assert (place.offset, place.end_offset) == (BASES[-1], 134)


def test_all_stores_lost(world):
    for name in STORES:
        remove(world, name)
    place = planned(world).cut
    assert (place.segment, place.position, place.offset, place.end_offset) == (0, 0, 0, 134)


def test_numbers_whose_right_value_is_known_are_written(world):
    flip(world, MIDDLE, BATCH + 7, bit=1)
    flip(world, MIDDLE, 3 * BATCH + 15, bit=4)
    plan = planned(world)
    assert plan.cut is None
    assert [(step.position, step.base_offset, step.leader_epoch) for step in plan.steps] == [
        (BATCH, MIDDLE_BASE + 3, None),
        (3 * BATCH, None, 1),
    ]
    assert set(kinds(plan)) == {Stamp}


def test_numbers_that_nobody_knows_are_cut(world):
    swap(world, STORES[1], STORES[2])
    place = planned(world).cut
    assert (place.segment, place.position) == (BASES[1], 0)


def test_each_file_is_rebuilt_once(world):
    index, times = name_of(MIDDLE_BASE, ".idx"), name_of(MIDDLE_BASE, ".timeidx")
    flip(world, index, 16)
    cut(world, times, 16)
    remove(world, name_of(BASES[3], ".idx"))
    plan = planned(world)
    assert plan.cut is None
    assert [step.segment for step in plan.steps] == [MIDDLE_BASE, BASES[3]]
    assert kinds(plan) == [RebuildIndexes, RebuildIndexes]


def test_wrong_snapshots_go_and_the_newest_is_made_again(world):
    one, other = world.names(".snapshot")[1:3]
    flip(world, one, 20)
    flip(world, other, 20)
    plan = planned(world)
    assert kinds(plan) == [Remove, Remove, RebuildSnapshot]
    assert [step.path.rpartition("/")[2] for step in plan.steps] == [one, other, name_of(134, ".snapshot")]


def test_epochs_and_meta(world):
    remove(world, "leader-epochs")
    flip(world, "partition.meta", 20)
    plan = planned(world)
    assert kinds(plan) == [RebuildEpochs, RebuildMeta]
    remove(world, "partition.meta")
    world.replace("partition.meta", FILES["partition.meta"])
    assert kinds(planned(world)) == [RebuildEpochs]


def test_a_lost_beginning_moves_the_start(world):
    remove(world, STORES[0])
    plan = planned(world)
    [step] = plan.steps
    assert isinstance(step, RebuildMeta)
    assert (step.start_offset, step.keeps_topic_id) == (BASES[1], True)


def test_an_index_without_a_store_goes(world):
    for suffix in (".log", ".idx"):
        remove(world, name_of(BASES[2], suffix))
    plan = planned(world)
    assert plan.cut is not None
    assert not plan.steps, "it lies behind the cut"


def test_what_lies_behind_the_cut_needs_no_repair(world):
    flip(world, MIDDLE, 70)
    flip(world, name_of(MIDDLE_BASE, ".idx"), 16)
    flip(world, name_of(BASES[3], ".idx"), 16)
    flip(world, name_of(BASES[3], ".snapshot"), 20)
    flip(world, name_of(BASES[1], ".idx"), 16)
    plan = planned(world)
    assert plan.cut is not None
    assert [step.segment for step in plan.steps] == [BASES[1]]


def test_a_plan_in_json(world):
    flip(world, MIDDLE, BATCH + 70)
    value = msgspec.json.decode(msgspec.json.encode(planned(world)))
    assert value["type"] == "plan"
    assert value["cut"]["type"] == "cut"
    assert value["cut"]["offset"] == MIDDLE_BASE + 3
