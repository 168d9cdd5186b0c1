"""Every command of both protocols has its function."""

from __future__ import annotations

from cordwood.groups.classic.tables import DECISIONS as OF_CLASSIC_GROUPS
from cordwood.groups.consumer.commands import ConsumerHeartbeat
from cordwood.groups.consumer.decisions import CLASSIC_DECISIONS, DECISIONS


def test_what_a_classic_group_is_asked_a_consumer_group_answers():
    assert CLASSIC_DECISIONS.keys() == OF_CLASSIC_GROUPS.keys()
    assert DECISIONS.keys() == {ConsumerHeartbeat}
