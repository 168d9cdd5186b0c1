"""The rows that have no effect say so, and why."""

from __future__ import annotations

import pytest

from cordwood.model.settings.accepted_rows import ACCEPTED, ACCEPTED_ROWS
from cordwood.model.settings.setting import NO_EFFECT


def test_no_row_claims_an_effect():
    assert not [row.name for row in ACCEPTED_ROWS if row.acted_on]


@pytest.mark.parametrize("row", ACCEPTED_ROWS, ids=lambda row: row.name)
def test_the_default_of_a_row_is_one_of_its_values(row):
    text = row.render(row.default)
    assert text is None or row.parse(text) == row.default


@pytest.mark.parametrize("family", ACCEPTED, ids=lambda family: family.title)
def test_a_family_tells_its_reason(family):
    for row in family.rows:
        assert row.document.startswith(f"{NO_EFFECT}{family.reason}. In Kafka: ")
        assert row.document.endswith(".")
        assert "|" not in row.document


def test_secrets_are_secret():
    secrets = {row.name for row in ACCEPTED_ROWS if row.sensitive}
    assert {"ssl.keystore.password", "ssl.key.password", "sasl.jaas.config"} <= secrets
