"""docs/settings.md is current, and tells of every setting once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cordwood.model.settings.reference import reference
from cordwood.model.settings.table import BROKER, CLIENT_METRICS, GROUP, TOPIC

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"
COMMAND = (
    "python -c \"from cordwood.model.settings.reference import reference as r; print(r(), end='')\" > docs/settings.md"
)


def test_the_page_is_current():
    assert PAGE.read_text("utf-8") == reference(), f"docs/settings.md is out of date; run: {COMMAND}"


def test_every_setting_has_its_line():
    lines = Counter(line.split("`")[1] for line in reference().splitlines() if line.startswith("| `"))
    assert lines == Counter((*BROKER, *TOPIC, *GROUP, *CLIENT_METRICS))


def test_settings_without_effect_come_last():
    before, after = reference().split("## Accepted without effect\n")
    for name, row in (*BROKER.items(), *TOPIC.items(), *GROUP.items()):
        if not row.acted_on and name not in TOPIC:
            assert f"| `{name}`" not in before, name
            assert f"| `{name}`" in after, name


def test_tables_are_whole():
    widths: list[int] = []
    for line in reference().splitlines():
        if not line.startswith("|"):
            widths.clear()
            continue
        widths.append(line.count("|"))
        assert widths[0] == widths[-1], line
