"""Topics that are set alike share what their settings come to."""

from __future__ import annotations

from cordwood.model.settings import Layers
from cordwood.replica.topic_settings import REMEMBERED_LIMIT, Resolved


def test_topics_that_are_set_alike_share_one_value() -> None:
    resolved, layers = Resolved(), Layers()
    plain = resolved.of({}, layers)
    assert resolved.of({}, Layers()) is plain
    other = resolved.of({"segment.bytes": "2000", "cleanup.policy": "compact"}, layers)
    assert (plain.log.segment_bytes, other.log.segment_bytes) == (1 << 30, 2000)
    assert (plain.compaction is None, other.compaction is None) == (True, False)
    assert (plain.demands.keyed, other.demands.keyed) == (False, True)
    assert resolved.of({"cleanup.policy": "compact", "segment.bytes": "2000"}, layers) is other


def test_other_settings_of_the_broker_count_at_once() -> None:
    resolved = Resolved()
    before = resolved.of({}, Layers())
    after = resolved.of({}, Layers(broker={"min.insync.replicas": "2"}))
    assert (before.min_in_sync_replicas, after.min_in_sync_replicas) == (1, 2)


def test_what_is_remembered_has_a_bound() -> None:
    resolved, layers = Resolved(), Layers()
    first = resolved.of({}, layers)
    for number in range(REMEMBERED_LIMIT):
        resolved.of({"segment.bytes": str(2000 + number)}, layers)
    assert resolved.of({}, layers) is not first
    assert resolved.of({}, layers) == first
