"""The errors of brokers that talk to each other say what may be done about them."""

from __future__ import annotations

from cordwood.model.peer_errors import PeerBusy, PeerRefused, PeerUnavailable


def test_what_may_pass_may_be_tried_again():
    assert PeerUnavailable(2, "it is silent").retriable
    assert PeerBusy(2, "64 requests wait").retriable
    assert not PeerRefused(2, "another cluster").retriable


def test_whoever_handles_an_absent_broker_handles_a_busy_one():
    assert isinstance(PeerBusy(2, "64 requests wait"), PeerUnavailable)
