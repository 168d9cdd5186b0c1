"""What commands that change topics tell."""

from __future__ import annotations

import pytest

from cordwood.cli.topic.changes import status_column


@pytest.mark.parametrize(
    ("status", "is_dry", "text"),
    [
        ("set", False, "set"),
        ("set", True, "would be set"),
        ("unset", True, "would be unset"),
        ("exists", True, "exists"),
    ],
)
def test_a_dry_run_says_what_would_be(status, is_dry, text):
    assert status_column("set", "unset").of({"status": status, "dry_run": is_dry}) == text
