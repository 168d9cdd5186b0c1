"""docs/protocol.md is what the table says."""

from __future__ import annotations

from pathlib import Path

from cordwood.wire.apis import APIS
from cordwood.wire.page import protocol_page

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_page_is_current():
    assert PAGE.read_text("utf-8") == protocol_page(), "run: python -m cordwood.wire.page > docs/protocol.md"


def test_the_page_names_every_api():
    for api in APIS.values():
        assert f"| {int(api.key)} | {api.name} | {api.served} |" in protocol_page()
