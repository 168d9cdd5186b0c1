"""The rows that have no effect say so."""

from __future__ import annotations

import pytest

from cordwood.model.settings.accepted_rows import ACCEPTED_ROWS


def test_no_row_claims_an_effect():
    assert not [row.name for row in ACCEPTED_ROWS if row.acted_on]


def test_rows_are_in_order():
    names = [row.name for row in ACCEPTED_ROWS]
    assert names == sorted(set(names))


@pytest.mark.parametrize("row", ACCEPTED_ROWS, ids=lambda row: row.name)
def test_the_default_of_a_row_is_one_of_its_values(row):
    text = row.render(row.default)
    assert text is None or row.parse(text) == row.default


def test_secrets_are_secret():
    secrets = {row.name for row in ACCEPTED_ROWS if row.sensitive}
    assert {"ssl.keystore.password", "ssl.key.password", "sasl.jaas.config"} <= secrets
