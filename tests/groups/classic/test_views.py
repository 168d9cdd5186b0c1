"""A group shows its protocol and its members' metadata while it is stable, and its members always."""

from __future__ import annotations

from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.views import DescribedMember, GroupListing, describe, listing
from tests.groups.classic.shell import Shell, join, stable


def test_a_stable_group_shows_all():
    shell = Shell()
    (one,) = stable(shell)
    view = describe(shell.group)
    assert (view.group, view.state, view.protocol_type, view.protocol) == ("g", "Stable", "work", "range")
    assert view.members == (DescribedMember(one, None, "c", "/host", b"r", b"for " + one.encode()),)


def test_a_rebalancing_group_shows_its_members_without_metadata():
    shell = Shell()
    (one,) = stable(shell)
    shell.ask(join(instance_id="i"))
    view = describe(shell.group)
    assert (view.state, view.protocol_type, view.protocol) == ("PreparingRebalance", "work", "")
    assert [(member.instance_id, member.metadata) for member in view.members] == [(None, b""), ("i", b"")]
    assert view.members[0].member_id == one


def test_an_empty_group_shows_its_name():
    view = describe(ClassicGroup("g"))
    assert (view.state, view.protocol_type, view.protocol, view.members) == ("Empty", "", "", ())


def test_a_group_in_a_list():
    shell = Shell()
    stable(shell)
    assert listing(shell.group) == GroupListing("g", "work", "Stable", "classic")
