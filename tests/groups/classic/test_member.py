"""A member says what it knows of a protocol, and whether the group waits for it or it for the group."""

from __future__ import annotations

import msgspec

from cordwood.groups.classic.member import Member, MemberProtocol
from cordwood.model.decision import Ticket

MEMBER = Member(
    "m", None, "client", "/host", 10_000, 60_000, (MemberProtocol("range", b"r"), MemberProtocol("rr", b""))
)


def test_metadata_are_those_of_the_protocol():
    assert MEMBER.metadata("range") == b"r"
    assert MEMBER.metadata("rr") == b""
    assert MEMBER.metadata("sticky") is None
    assert MEMBER.metadata(None) is None


def test_a_waiting_member_need_not_send_heartbeats():
    assert not MEMBER.is_waiting
    assert msgspec.structs.replace(MEMBER, join_ticket=Ticket(1)).is_waiting
    assert msgspec.structs.replace(MEMBER, sync_ticket=Ticket(1)).is_waiting


def test_a_new_member_does_not_wait_for_ever():
    joining = msgspec.structs.replace(MEMBER, join_ticket=Ticket(1), is_new=True)
    assert joining.is_joining
    assert not joining.is_waiting
