"""docs/settings.md is current."""

from __future__ import annotations

from pathlib import Path

from cordwood.model.settings.reference import reference
from cordwood.model.settings.table import BROKER, TOPIC

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"
COMMAND = (
    "python -c \"from cordwood.model.settings.reference import reference as r; print(r(), end='')\" > docs/settings.md"
)


def test_the_page_is_current():
    assert PAGE.read_text("utf-8") == reference(), f"docs/settings.md is out of date; run: {COMMAND}"


def test_every_setting_has_its_line():
    lines = reference().splitlines()
    for name in (*BROKER, *TOPIC):
        assert any(line.startswith(f"| `{name}`") for line in lines), name


def test_tables_are_whole():
    widths = {line.count("|") for line in reference().splitlines() if line.startswith("|")}
    assert widths == {4, 6, 7}
