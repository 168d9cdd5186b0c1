"""The rows about logs keep the rules of the table."""

from __future__ import annotations

import pytest

from cordwood.model.limits import INDEX_INTERVAL_BYTES
from cordwood.model.settings.log_rows import FLUSH_POLICIES, LOG_ROWS

ROWS = {row.name: row for row in LOG_ROWS}


@pytest.mark.parametrize("row", LOG_ROWS, ids=lambda row: row.name)
def test_the_default_of_a_row_is_one_of_its_values(row):
    text = row.render(row.default)
    assert text is None or row.parse(text) == row.default


@pytest.mark.parametrize("row", LOG_ROWS, ids=lambda row: row.name)
def test_a_row_is_documented(row):
    assert row.document.endswith(".")


def test_the_safest_policy_is_the_default():
    assert ROWS["log.flush.policy"].default == FLUSH_POLICIES[0] == "commit"


def test_the_index_has_the_interval_that_the_log_was_made_for():
    assert ROWS["log.index.interval.bytes"].default == INDEX_INTERVAL_BYTES


def test_data_go_beside_the_program():
    assert ROWS["log.dir"].default == ("./data",)
    assert ROWS["log.dirs"].default is None
