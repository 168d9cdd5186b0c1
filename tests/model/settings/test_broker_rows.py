"""The rows of brokers keep the rules of the table."""

from __future__ import annotations

import pytest

from cordwood.model.settings.broker_rows import BROKER_ROWS


@pytest.mark.parametrize("row", BROKER_ROWS, ids=lambda row: row.name)
def test_the_default_of_a_row_is_one_of_its_values(row):
    text = row.render(row.default)
    assert text is None or row.parse(text) == row.default


@pytest.mark.parametrize("row", BROKER_ROWS, ids=lambda row: row.name)
def test_a_row_is_documented(row):
    assert row.document.endswith(".")
    assert "|" not in row.document


def test_defaults_that_people_rely_on():
    defaults = {row.name: row.default for row in BROKER_ROWS}
    assert defaults["node.id"] == 1
    assert defaults["listeners"] == ("PLAINTEXT://127.0.0.1:9092",)
    assert defaults["auto.create.topics.enable"] is True
    assert defaults["message.max.bytes"] == 1_048_588
    assert defaults["socket.request.max.bytes"] == 104_857_600
    assert defaults["fetch.max.bytes"] == 57_671_680
