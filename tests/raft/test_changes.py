"""Changes of the configuration, against a slow twin that tracks the part of each node in both sets."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cordwood.raft.changes import (
    LEAVE_JOINT,
    Change,
    ChangeKind,
    ConfChange,
    Transition,
    apply_change,
    decode_change,
    encode_change,
    enter_joint,
    leave_joint,
    simple,
)
from cordwood.raft.configuration import Configuration, problems
from cordwood.raft.errors import InvalidChange

NODES = st.integers(1, 6)
CHANGES = st.lists(st.builds(Change, st.sampled_from(ChangeKind), NODES), min_size=1, max_size=5).map(tuple)
CONF_CHANGES = st.builds(ConfChange, CHANGES, st.sampled_from(Transition), st.binary(max_size=3))


def add(*nodes):
    return tuple(Change(ChangeKind.ADD_VOTER, node) for node in nodes)


def learn(*nodes):
    return tuple(Change(ChangeKind.ADD_LEARNER, node) for node in nodes)


def remove(*nodes):
    return tuple(Change(ChangeKind.REMOVE, node) for node in nodes)


def voters(*nodes):
    return Configuration(frozenset(nodes))


@st.composite
def configurations(draw):
    """A configuration that was reached by changes."""
    configuration = voters(*draw(st.frozensets(NODES, min_size=1)))
    for change in draw(st.lists(CONF_CHANGES, max_size=4)):
        try:
            configuration = apply_change(configuration, change)
        except InvalidChange:
            continue
    return configuration


PARTS = st.dictionaries(NODES, st.booleans(), min_size=1)

SETTLED = PARTS.filter(lambda parts: any(parts.values())).map(
    lambda parts: Configuration(
        frozenset(node for node in parts if parts[node]), learners=frozenset(node for node in parts if not parts[node])
    )
)
"""Any configuration that is not joint."""


def slow_parts(configuration, changes):
    """What each node is after the changes, worked out one node at a time: only its last change counts."""
    parts = {}
    for node in configuration.members | {change.node for change in changes}:
        last = [change.kind for change in changes if change.node == node][-1:]
        if node in configuration.incoming:
            now = ChangeKind.ADD_VOTER
        elif node in configuration.learners:
            now = ChangeKind.ADD_LEARNER
        else:
            now = ChangeKind.REMOVE
        parts[node] = last[0] if last else now
    return parts


def nodes_of(parts, kind):
    return frozenset(node for node, part in parts.items() if part == kind)


@given(SETTLED, CHANGES, st.booleans())
def test_the_way_through_a_joint_configuration_makes_all_changes(configuration, changes, auto_leave):
    parts = slow_parts(configuration, changes)
    assume(nodes_of(parts, ChangeKind.ADD_VOTER))
    joint = enter_joint(configuration, changes, auto_leave=auto_leave)
    assert joint.outgoing == configuration.incoming
    assert joint.incoming == nodes_of(parts, ChangeKind.ADD_VOTER)
    assert joint.auto_leave is auto_leave
    assert not joint.learners & joint.voters
    left = leave_joint(joint)
    assert left == Configuration(joint.incoming, learners=nodes_of(parts, ChangeKind.ADD_LEARNER))


@given(SETTLED, CHANGES)
def test_a_simple_change_moves_one_voter_at_most(configuration, changes):
    parts = slow_parts(configuration, changes)
    after = nodes_of(parts, ChangeKind.ADD_VOTER)
    if not after or len(after ^ configuration.incoming) > 1:
        with pytest.raises(InvalidChange):
            simple(configuration, changes)
    else:
        expected = Configuration(after, learners=nodes_of(parts, ChangeKind.ADD_LEARNER))
        assert simple(configuration, changes) == expected


@given(configurations(), CONF_CHANGES)
def test_every_configuration_that_is_reached_keeps_the_rules(configuration, change):
    try:
        after = apply_change(configuration, change)
    except InvalidChange:
        return
    assert not list(problems(after))


@given(st.frozensets(NODES, min_size=1), CHANGES)
def test_majorities_before_and_after_a_simple_change_meet(before, changes):
    try:
        after = simple(voters(*before), changes).incoming
    except InvalidChange:
        return
    smallest_before, smallest_after = len(before) // 2 + 1, len(after) // 2 + 1
    assert smallest_before + smallest_after > len(before | after)


@pytest.mark.parametrize(
    ("change", "enters", "joint"),
    [
        (ConfChange(add(4)), False, False),
        (ConfChange(add(4, 5)), True, True),
        (ConfChange(add(4), Transition.JOINT_IMPLICIT), True, True),
        (ConfChange(add(4), Transition.JOINT_EXPLICIT), True, True),
    ],
)
def test_when_a_change_is_joint(change, enters, joint):
    assert change.enters_joint is enters
    after = apply_change(voters(1, 2, 3), change)
    assert after.joint is joint
    assert after.auto_leave is (joint and change.transition != Transition.JOINT_EXPLICIT)


def test_a_voter_of_before_waits_to_become_a_learner():
    joint = enter_joint(voters(1, 2), learn(2), auto_leave=False)
    assert (joint.learners, joint.learners_next) == (frozenset(), frozenset({2}))
    assert leave_joint(joint) == Configuration(frozenset({1}), learners=frozenset({2}))


def test_a_learner_is_promoted():
    start = Configuration(frozenset({1}), learners=frozenset({2}))
    assert simple(start, add(2)) == voters(1, 2)


def test_what_is_so_already_can_be_asked_for():
    assert simple(voters(1, 2), (*add(1), *remove(9))) == voters(1, 2)


@pytest.mark.parametrize(
    ("configuration", "change", "reason"),
    [
        (voters(1), ConfChange(remove(1)), "last voter"),
        (voters(1), ConfChange(learn(1)), "last voter"),
        (voters(1), LEAVE_JOINT, "not joint"),
        (voters(1), ConfChange(add(0)), "no node id"),
        (Configuration(), ConfChange(add(1, 2)), "without voters"),
        (enter_joint(voters(1), add(2), auto_leave=True), ConfChange(add(3)), "is joint"),
        (enter_joint(voters(1), add(2), auto_leave=True), ConfChange(add(3, 4)), "joint already"),
    ],
)
def test_changes_that_do_not_fit(configuration, change, reason):
    with pytest.raises(InvalidChange, match=reason):
        apply_change(configuration, change)


def test_two_voters_at_once_take_a_joint_configuration():
    with pytest.raises(InvalidChange, match="joint"):
        simple(voters(1, 2, 3), add(4, 5))


@given(CONF_CHANGES)
def test_a_change_is_read_back(change):
    assert decode_change(encode_change(change)) == change


def test_leaving_is_no_bytes():
    assert encode_change(LEAVE_JOINT) == b""
    assert decode_change(b"").leaves_joint


@given(st.binary(min_size=1, max_size=20))
def test_anything_else_is_refused(data):
    try:
        assert isinstance(decode_change(data), ConfChange)
    except InvalidChange as error:
        assert "no configuration change" in str(error)  # noqa: PT017


def test_a_change_for_the_eye():
    assert str(ConfChange((*add(1), *learn(2), *remove(3)))) == "add voter 1, add learner 2, remove 3"
    assert str(LEAVE_JOINT) == "leave joint"
