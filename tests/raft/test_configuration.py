"""The rules that every configuration keeps."""

from __future__ import annotations

import msgspec
import pytest

from cordwood.raft.configuration import Configuration, check, problems
from cordwood.raft.errors import InvalidChange


def ids(*nodes):
    return frozenset(nodes)


JOINT = Configuration(ids(1, 2, 3), ids(1, 4), ids(5), ids(4), auto_leave=True)


def test_members_are_voters_of_both_sets_and_learners():
    assert JOINT.joint
    assert JOINT.voters == ids(1, 2, 3, 4)
    assert JOINT.members == ids(1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("configuration", "alone"),
    [
        (Configuration(ids(1)), True),
        (Configuration(ids(1), learners=ids(2)), True),
        (Configuration(ids(1), ids(1), learners=ids(2)), True),
        (Configuration(ids(1, 2)), False),
        (Configuration(ids(1), ids(1, 2)), False),
        (Configuration(ids(2)), False),
        (Configuration(), False),
    ],
)
def test_one_voter_decides_alone(configuration, alone):
    assert configuration.decided_by(1) is alone


@pytest.mark.parametrize("good", [Configuration(), Configuration(ids(1)), JOINT, Configuration(ids(1), ids(2))])
def test_good_configurations_pass(good):
    assert check(good) is good


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Configuration(ids(1), learners=ids(1)), "learners and voters"),
        (Configuration(ids(1), ids(2), learners=ids(2)), "learners and voters"),
        (Configuration(ids(1), ids(1), learners_next=ids(2)), "no outgoing voters"),
        (Configuration(ids(1, 2), ids(2), learners_next=ids(2)), "stay voters"),
        (Configuration(ids(1), learners_next=ids(1)), "only wait"),
        (Configuration(ids(1), auto_leave=True), "can be left"),
        (Configuration(learners=ids(1)), "nobody has a vote"),
    ],
)
def test_broken_rules_are_named(bad, reason):
    assert any(reason in problem for problem in problems(bad))
    with pytest.raises(InvalidChange, match=reason):
        check(bad)


def test_a_configuration_for_the_eye():
    assert str(JOINT) == "voters=(1 2 3)&&(1 4) learners=(5) learners_next=(4) autoleave"
    assert str(Configuration(ids(2, 1))) == "voters=(1 2)"


def test_a_configuration_can_be_stored():
    encoded = msgspec.json.encode(JOINT, order="deterministic")
    assert msgspec.json.decode(encoded, type=Configuration) == JOINT
