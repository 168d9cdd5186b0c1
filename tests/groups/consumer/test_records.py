"""Which records are written."""

from __future__ import annotations

from cordwood.groups.consumer import records
from cordwood.groups.consumer.replay import REPLAYS
from cordwood.groups.record import Record


def test_only_the_soft_state_is_transient():
    transient = {kind for kind in REPLAYS if issubclass(kind, Record) and not kind.stored}
    assert transient == {records.TopicsSeen, records.RejoinAwaited, records.Rejoined}
