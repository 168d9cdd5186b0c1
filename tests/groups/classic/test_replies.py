"""A reply without an error carries the generation; one with an error nothing but the member."""

from __future__ import annotations

from cordwood.groups.classic.replies import JoinReply, LeaveReply, LeftMember
from cordwood.model.group_errors import UnknownMember


def test_a_refused_member_is_told_no_generation():
    reply = JoinReply("m", UnknownMember("g", "m"))
    assert (reply.generation, reply.protocol, reply.leader, reply.members) == (-1, None, "", ())


def test_leaving_has_an_outcome_for_each_member():
    reply = LeaveReply((LeftMember("m", None), LeftMember("n", "i", UnknownMember("g", "n"))))
    assert [left.error is None for left in reply.members] == [True, False]
