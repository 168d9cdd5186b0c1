"""The rows about clients' metrics keep the rules of the table."""

from __future__ import annotations

import pytest

from cordwood.model.settings.telemetry_rows import TELEMETRY_ROWS


@pytest.mark.parametrize("row", TELEMETRY_ROWS, ids=lambda row: row.name)
def test_a_row_is_documented_and_its_default_is_one_of_its_values(row):
    assert row.parse(row.render(row.default)) == row.default
    assert row.document.endswith(".")
    assert row.acted_on
