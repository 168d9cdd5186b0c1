"""The rows of a group keep the rules of the table."""

from __future__ import annotations

import pytest

from cordwood.model.settings.per_group_rows import BOUNDS, PER_GROUP_ROWS
from cordwood.model.settings.resolution import NO_LAYERS, bounds
from cordwood.model.settings.table import BROKER, GROUP


@pytest.mark.parametrize("row", PER_GROUP_ROWS, ids=lambda row: row.name)
def test_a_row_is_documented_and_its_default_is_one_of_its_values(row):
    assert row.parse(row.render(row.default)) == row.default
    assert row.document.endswith(".")
    assert row.dynamic


def test_the_broker_has_the_same_defaults():
    for row in PER_GROUP_ROWS:
        for source in row.sources:
            assert (BROKER[source.name].kind, BROKER[source.name].default) == (row.kind, row.default)


def test_defaults_lie_within_the_bounds():
    for name in BOUNDS:
        low, high = bounds(name, NO_LAYERS)
        default = GROUP[name].default
        assert isinstance(default, int)
        assert high is not None
        assert (low or 0) <= default <= high
