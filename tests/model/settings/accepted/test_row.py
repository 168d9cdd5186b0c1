"""Rows without effect are written down in families."""

from __future__ import annotations

import pytest

from cordwood.model.settings.accepted.row import family, row
from cordwood.model.settings.setting import NO_EFFECT, Kind


def test_a_family_gives_its_reason_to_its_rows():
    made = family("Threads", "there are none", row("num.threads", Kind.INT, 3, "how many there are", low=1))
    (one,) = made.rows
    assert one.document == f"{NO_EFFECT}there are none. In Kafka: how many there are."
    assert one.reason == "there are none. In Kafka: how many there are."
    assert (one.name, one.kind, one.default, one.low, one.dynamic, one.acted_on) == (
        "num.threads",
        Kind.INT,
        3,
        1,
        False,
        False,
    )


@pytest.mark.parametrize("more", [{"dynamic": True}, {"per_broker": True}, {"per_listener": True}])
def test_what_one_broker_or_listener_has_may_change_while_it_runs(more):
    one = row("ssl.protocol", Kind.STRING, None, "a version", **more)
    assert one.dynamic
    assert (one.per_broker, one.per_listener) == ("per_broker" in more, "per_listener" in more)
