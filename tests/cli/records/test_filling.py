"""What options add to records."""

from __future__ import annotations

import pytest

from cordwood.cli.records.filling import Filling
from cordwood.cli.records.message import Outgoing

BARE = Outgoing(None, b"v")
FULL = Outgoing(b"k", b"v", (("h", b"1"),), 3, 5)


@pytest.mark.parametrize(
    ("filling", "record", "filled"),
    [
        (Filling(), FULL, FULL),
        (Filling(key=b"x"), BARE, Outgoing(b"x", b"v")),
        (Filling(key=b"x"), FULL, FULL),
        (Filling(key=b"x"), Outgoing(b"", b"v"), Outgoing(b"", b"v")),
        (Filling(headers=(("h", None),)), FULL, Outgoing(b"k", b"v", (("h", b"1"), ("h", None)), 3, 5)),
        (Filling(partition=7), BARE, Outgoing(None, b"v", (), 7)),
        (Filling(partition=7), FULL, FULL),
        (Filling(partition=7, keeps_partition=False), FULL, Outgoing(b"k", b"v", (("h", b"1"),), 7, 5)),
        (Filling(keeps_partition=False), FULL, Outgoing(b"k", b"v", (("h", b"1"),), None, 5)),
        (Filling(timestamp_ms=9), FULL, Outgoing(b"k", b"v", (("h", b"1"),), 3, 9)),
        (Filling(empty_is_null=True), Outgoing(b"k", b""), Outgoing(b"k", None)),
        (Filling(empty_is_null=True), BARE, BARE),
    ],
)
def test_what_is_filled(filling, record, filled):
    assert filling.fill(record) == filled


def test_what_changes_nothing_is_known():
    assert Filling().changes_nothing
    assert not Filling(keeps_partition=False).changes_nothing
