"""The rows of the quorum keep the rules of the table."""

from __future__ import annotations

import pytest

from cordwood.model.settings.quorum_rows import QUORUM_ROWS


@pytest.mark.parametrize("row", QUORUM_ROWS, ids=lambda row: row.name)
def test_a_row_is_documented_and_its_default_is_one_of_its_values(row):
    text = row.render(row.default)
    assert text is None or row.parse(text) == row.default
    assert row.document.endswith(".")
    assert "|" not in row.document


def test_voters_are_a_list():
    (row,) = (row for row in QUORUM_ROWS if row.name == "controller.quorum.voters")
    assert row.parse("1@a:1, 2@b:2") == ("1@a:1", "2@b:2")
    assert row.acted_on
