"""A draft is changed by what is written to it, the group is not, and its result is all of it in order."""

from __future__ import annotations

from cordwood.groups.classic.draft import JOIN, Draft
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.records import MemberIdGiven
from cordwood.model.decision import NO_TICKET, Answer, Result, Ticket, Timer


def test_a_draft_comes_to_a_result():
    group = ClassicGroup("g")
    draft = Draft(group)
    draft.write(MemberIdGiven("g", "m"))
    draft.answer(Ticket(1), "told")
    draft.answer(NO_TICKET, "told nobody")
    draft.set_session("m", 5)
    draft.set_timer(JOIN, None)
    assert list(draft.group.pending) == ["m"]
    assert not group.pending
    assert draft.result() == Result(
        (MemberIdGiven("g", "m"),),
        (Answer(Ticket(1), "told"),),
        (Timer(("classic-session", "g", "m"), 5), Timer(("classic-join", "g"), None)),
    )
