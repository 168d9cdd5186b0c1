"""Whoever asks waits as long as they said, within bounds."""

from __future__ import annotations

import pytest

from cordwood.broker.deadlines import patience_s
from cordwood.controller import TIMEOUT_S


@pytest.mark.parametrize(
    ("asked_ms", "waits_s"), [(2_500, 2.5), (1, 0.001), (60_000, TIMEOUT_S), (0, TIMEOUT_S), (-1, TIMEOUT_S)]
)
def test_how_long_a_client_waits(asked_ms: int, waits_s: float) -> None:
    assert patience_s(asked_ms) == waits_s
