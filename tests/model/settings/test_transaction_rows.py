"""The rows about transactions keep the rules of the table, and say so where they have no effect."""

from __future__ import annotations

import pytest

from cordwood.model.settings.transaction_rows import TRANSACTION_ROWS


@pytest.mark.parametrize("row", TRANSACTION_ROWS, ids=lambda row: row.name)
def test_the_default_of_a_row_is_one_of_its_values(row):
    text = row.render(row.default)
    assert text is None or row.parse(text) == row.default


@pytest.mark.parametrize("row", TRANSACTION_ROWS, ids=lambda row: row.name)
def test_a_row_says_whether_it_has_an_effect(row):
    assert row.document.endswith(".")
    assert row.acted_on is not row.document.startswith("Accepted, and without effect in Cordwood: ")
