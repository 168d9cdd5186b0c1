"""Commands take effect on the image that they were decided on, once, and alike on every node."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.consensus.applying import Command as Entry
from cordwood.controller.machine import Conflict, Lost, Machine, Took
from cordwood.metadata import commands, encode
from cordwood.metadata.records import ClusterRecord, ConfigRecord
from cordwood.model.errors import InvalidMetadata

MINE, OTHER = b"mine....", b"another."


def command(base, number=1, token=OTHER, value="x"):
    return commands.encode(commands.Command(base, token, number, (encode(ConfigRecord(4, "", "a", value)),)))


def machine_at(revision=5):
    machine = Machine(MINE)
    founding = commands.encode(commands.Command(0, OTHER, 0, (encode(ClusterRecord("c")),)))
    assert machine.apply([Entry(revision, founding)]) == [Took(revision)]
    return machine


def test_a_command_takes_effect_on_its_base_alone():
    machine = machine_at(5)
    assert machine.apply([Entry(7, command(5)), Entry(8, command(5)), Entry(9, command(7, value="y"))]) == [
        Took(7),
        Conflict(),
        Took(9),
    ]
    assert machine.image.revision == 9
    assert list(machine.image.configs.values()) == [{"a": "y"}]


def test_a_doubled_command_of_this_node_is_no_conflict():
    machine = machine_at(5)
    machine.expect(3)
    mine = command(5, 3, MINE)
    assert machine.apply([Entry(6, mine), Entry(7, mine)]) == [Took(6), Took(6)]
    assert machine.apply([Entry(8, mine)]) == [Took(6)]
    assert machine.fate(3, 5) == Took(6)
    machine.forget(3)
    assert machine.apply([Entry(9, mine)]) == [Conflict()]


def test_a_doubled_command_of_another_node_is_one():
    machine = machine_at(5)
    machine.expect(3)
    assert machine.apply([Entry(6, command(5, 3)), Entry(7, command(5, 3))]) == [Took(6), Conflict()]


def test_the_first_copy_settles_it():
    machine = machine_at(5)
    machine.expect(3)
    machine.apply([Entry(6, command(5)), Entry(7, command(5, 3, MINE))])
    assert machine.fate(3, 5) == Conflict()


def test_a_command_is_open_while_its_base_is_the_newest():
    machine = machine_at(5)
    machine.expect(3)
    assert machine.fate(3, 5) is None
    machine.apply([Entry(6, command(5))])
    assert machine.fate(3, 5) == Conflict()


def test_a_snapshot_that_came_over_a_command_leaves_it_lost():
    machine, other = machine_at(5), machine_at(5)
    machine.expect(3)
    machine.restore(list(other.snapshot()))
    assert machine.fate(3, 5) is None, "nothing has changed"
    other.apply([Entry(6, command(5, 3, MINE))])
    machine.restore(list(other.snapshot()))
    assert machine.fate(3, 5) == Lost()
    assert machine.image == other.image


def test_what_was_known_before_a_snapshot_stays_known():
    machine, other = machine_at(5), machine_at(5)
    machine.expect(3)
    for one in (machine, other):
        one.apply([Entry(6, command(5, 3, MINE)), Entry(7, command(6))])
    other.apply([Entry(8, command(7))])
    machine.restore(list(other.snapshot()))
    assert machine.fate(3, 5) == Took(6)


def test_every_next_image_is_told():
    machine, told = machine_at(5), []
    machine.on_change = told.append
    machine.apply([Entry(6, command(5)), Entry(7, command(6))])
    machine.apply([Entry(8, command(6))])
    assert [image.revision for image in told] == [7]


def test_what_cannot_be_read_is_not_passed_over():
    machine = machine_at(5)
    with pytest.raises(InvalidMetadata):
        machine.apply([Entry(6, b"\x02never heard of")])
    with pytest.raises(InvalidMetadata, match="contradicts"):
        machine.apply([Entry(6, commands.encode(commands.Command(5, OTHER, 1, (encode(ClusterRecord("d")),))))])
    assert machine.image.revision == 5


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=30),
    st.lists(st.integers(0, 30), max_size=4),
)
def test_however_the_log_is_cut_the_image_is_the_same(steps, cuts):
    """Each step: how stale its base is, and what it sets."""
    whole = machine_at(1)
    revisions, log = [1], []
    for index, (stale, value) in enumerate(steps, 2):
        entry = Entry(index, command(revisions[max(0, len(revisions) - 1 - stale)], value=str(value)))
        log.append(entry)
        if whole.apply([entry]) == [Took(index)]:
            revisions.append(index)
    pieces = machine_at(1)
    bounds = sorted({0, len(log), *(min(cut, len(log)) for cut in cuts)})
    for number, (start, end) in enumerate(pairwise(bounds)):
        pieces.apply(log[start:end])
        if number % 2:
            again = Machine(MINE)
            again.restore(pieces.snapshot())
            pieces = again
    assert pieces.image == whole.image
    assert whole.image.revision == revisions[-1]
