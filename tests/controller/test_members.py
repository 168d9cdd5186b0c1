"""Nodes and members of the Raft group have the same numbers, but for node 0."""

from __future__ import annotations

import pytest

from cordwood.controller.members import member_of, node_of
from cordwood.raft import NOBODY


@pytest.mark.parametrize("node", [0, 1, 2, 2**31 - 1])
def test_there_and_back(node):
    assert node_of(member_of(node)) == node
    assert member_of(node) > 0


def test_numbers_are_kept_but_for_0():
    assert [member_of(node) for node in (1, 7)] == [1, 7]
    assert member_of(0) not in range(2**31)


def test_nobody_is_no_node():
    assert node_of(NOBODY) is None
