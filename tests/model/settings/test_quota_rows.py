"""The rows of quotas keep the rules of the table, and have Kafka's defaults."""

from __future__ import annotations

import pytest

from cordwood.model.errors import InvalidConfig
from cordwood.model.settings.quota_rows import QUOTA_ROWS
from cordwood.model.settings.setting import INT_MAX


@pytest.mark.parametrize("row", QUOTA_ROWS, ids=lambda row: row.name)
def test_a_row_is_documented_and_its_default_is_one_of_its_values(row):
    text = row.render(row.default)
    assert text is not None
    assert row.parse(text) == row.default
    assert row.document.endswith(".")
    assert "|" not in row.document
    assert row.acted_on


def test_the_defaults_are_kafkas():
    assert {row.name: row.default for row in QUOTA_ROWS} == {
        "quota.window.num": 11,
        "quota.window.size.seconds": 1,
        "controller.quota.window.num": 11,
        "controller.quota.window.size.seconds": 1,
        "max.connection.creation.rate": INT_MAX,
        "max.connections.per.ip.overrides": "",
    }


def test_a_window_has_a_length():
    for row in QUOTA_ROWS[:4]:
        with pytest.raises(InvalidConfig, match=r"at least 1|from 1 to"):
            row.parse("0")
