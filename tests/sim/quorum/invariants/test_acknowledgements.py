"""Acknowledged appends are durable."""

from __future__ import annotations

import pytest

from cordwood.raft import Position
from cordwood.raft.messages import AppendReply
from cordwood.sim.quorum.invariant import Broken
from cordwood.sim.quorum.invariants.acknowledgements import AcknowledgedAppends
from tests.sim.quorum.kit import grown, see
from tests.verdict import verdict

LOOKS = (AcknowledgedAppends.begins, AcknowledgedAppends.survives)


def acknowledging(index, terms=(1, 1, 2), **values) -> AcknowledgedAppends:
    one = AcknowledgedAppends()
    sight, log = see(1, terms, **values)
    one.tells(AppendReply(1, 2, 2, index), sight, log)
    return one


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("terms", [(1,), (1, 1), (1, 1, 1)])
def test_what_is_gone_is_found(look, terms):
    with pytest.raises(Broken, match="1 acknowledged entry 3 of term 2"):
        look(acknowledging(3), *see(1, terms))


@pytest.mark.parametrize("look", LOOKS)
def test_what_is_there_is_right(look):
    one = acknowledging(3)
    assert verdict(look, one, *see(1, (1, 1, 2))) is None
    assert verdict(look, one, *see(1, (1, 1, 2, 2, 5))) is None
    assert verdict(look, one, *see(1, (1, 1, 2, 2), before=Position(2, 4), snapshot=Position(2, 4))) is None
    assert verdict(look, one, *see(2, (1,))) is None


def test_who_is_told_to_cut_need_not_keep():
    one = acknowledging(3)
    old, _ = see(1, (1, 1, 2))
    new, log = see(1, (1, 1, 3))
    assert verdict(one.survives, *see(1, (1,))) is not None
    one.rewrites(old, new, grown(log, 2, 3))
    assert verdict(one.survives, *see(1, (1,))) is None


def test_rejections_and_answers_of_earlier_terms_promise_nothing():
    one = AcknowledgedAppends()
    sight, log = see(1, (1, 1, 2), term=3)
    one.tells(AppendReply(1, 2, 2, 3), sight, log)
    one.tells(AppendReply(1, 2, 3, 3, rejected=True), sight, log)
    assert verdict(one.survives, *see(1, (1,))) is None
