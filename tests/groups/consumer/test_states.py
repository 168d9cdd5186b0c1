"""The state of a group follows from its epochs and members, and so does the diagram in the docs."""

from __future__ import annotations

from pathlib import Path

from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.consumer.member import Member, MemberState
from cordwood.groups.consumer.states import GroupState, diagram, state_of

PAGE = Path(__file__).parents[3] / "docs/GROUPS.md"


def test_the_states_in_turn():
    group = ConsumerGroup("g")
    assert state_of(None) is GroupState.DEAD
    assert state_of(group) is GroupState.EMPTY
    group.put_member(Member("m"))
    group.epoch = 1
    assert state_of(group) is GroupState.ASSIGNING
    group.target_epoch = 1
    assert state_of(group) is GroupState.RECONCILING
    group.put_member(Member("m", epoch=1, state=MemberState.UNRELEASED_PARTITIONS))
    assert state_of(group) is GroupState.RECONCILING
    group.put_member(Member("m", epoch=1))
    assert state_of(group) is GroupState.STABLE


def test_the_page_shows_the_table():
    assert f"<!-- consumer diagram -->\n```mermaid\n{diagram()}\n```\n<!-- /consumer diagram -->" in PAGE.read_text(
        "utf-8"
    )
