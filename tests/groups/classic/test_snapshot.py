"""What is stored of a group is what a restart needs: its generation, and each member with its share."""

from __future__ import annotations

from cordwood.groups.classic.records import GroupStored, StoredMember
from cordwood.groups.classic.snapshot import empty_generation, snapshot
from tests.groups.classic.shell import Shell, stable


def test_a_member_without_an_assignment_is_given_nothing():
    shell = Shell()
    one, two = stable(shell, 2)
    stored = snapshot(shell.group, {one: b"all", "stranger": b"none"}, 7)
    assert (stored.generation, stored.protocol_type, stored.protocol) == (1, "work", "range")
    assert (stored.leader, stored.state_timestamp_ms) == (one, 7)
    assert stored.members == (
        StoredMember(one, None, "c", "/host", 60_000, 10_000, b"r", b"all"),
        StoredMember(two, None, "c", "/host", 60_000, 10_000, b"r", b""),
    )


def test_an_empty_generation_is_the_next():
    shell = Shell()
    stable(shell)
    assert empty_generation(shell.group, 7) == GroupStored("g", 2, "work", state_timestamp_ms=7)
