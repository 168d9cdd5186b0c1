"""The rows of a subscription to metrics keep the rules of the table."""

from __future__ import annotations

import pytest

from cordwood.model.settings.client_metrics_rows import CLIENT_METRICS_ROWS


@pytest.mark.parametrize("row", CLIENT_METRICS_ROWS, ids=lambda row: row.name)
def test_a_row_is_documented_and_its_default_is_one_of_its_values(row):
    assert row.parse(row.render(row.default)) == row.default
    assert row.document.endswith(".")
    assert row.dynamic
