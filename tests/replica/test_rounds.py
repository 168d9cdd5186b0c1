"""The settings of housekeeping reach the broker that is built from them."""

from __future__ import annotations

from pathlib import Path

from cordwood.node.configuration import load
from cordwood.replica.rounds import Rounds


def test_they_are_taken_from_the_settings(tmp_path: Path) -> None:
    flags = {"log.dirs": str(tmp_path)}
    assert load(flags=flags).rounds == Rounds(300_000, 60_000, 60_000, 2_000)
    names = (
        "log.retention.check.interval.ms",
        "log.flush.offset.checkpoint.interval.ms",
        "log.idle.ms",
        "log.open.files.limit",
    )
    sets = [f"{name}={number}" for number, name in enumerate(names, 1)]
    assert load(flags=flags, sets=sets).rounds == Rounds(1, 2, 3, 4)
