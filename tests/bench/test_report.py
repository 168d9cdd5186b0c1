"""The tables: every line names its flush policy, lines that are compared stand together."""

from __future__ import annotations

import io
import json

from rich.console import Console

from bench import publish, report
from bench.results import Results, Row


def startup(subject, start, milliseconds):
    return Row("startup", subject, "os", {"start": start}, {"first_ack_ms": milliseconds}, 1)


RESULTS = Results(
    [startup("cordwood", "fresh", 150), startup("cordwood", "again", 120), startup("kafka", "fresh", 3000)],
    missing={"redis": "redis-server is not installed"},
    failures=["sync: kafka os: no answer"],
)


def test_rows_of_one_cell_stand_together():
    sheet = report.sheet(RESULTS, "startup")
    assert [[row[0] for row in group] for group in sheet.groups] == [["cordwood", "kafka"], ["cordwood"]]
    assert sheet.groups[0][0] == ["cordwood", "os", "fresh", "150 (0.05x)"]
    assert sheet.caption


def test_columns_without_a_value_are_left_out():
    assert report.sheet(RESULTS, "startup").figures == ["first ack ms"]


def test_the_screen_shows_the_table_and_a_measure_without_rows_shows_nothing():
    screen = io.StringIO()
    console = Console(file=screen, width=120)
    report.print_measure(console, RESULTS, "startup")
    shown = screen.getvalue()
    report.print_measure(console, RESULTS, "memory")
    assert "150 (0.05x)" in shown
    assert screen.getvalue() == shown


def test_the_page_says_what_is_missing():
    page = "\n".join(report.markdown({"CPU": "two"}, RESULTS))
    assert "| cordwood | os | fresh | 150 (0.05x) |" in page
    assert "- redis: redis-server is not installed\n- sync: kafka os: no answer" in page


def test_a_later_run_replaces_the_measures_that_it_holds(tmp_path):
    again = Results([startup("cordwood", "fresh", 99)])
    paths = [tmp_path / "first.json", tmp_path / "second.json"]
    for path, run in zip(paths, (RESULTS, again), strict=True):
        path.write_text(json.dumps({"machine": {"CPU": path.stem}, **run.as_json()}))
    facts, merged = publish.read(paths)
    assert facts == {"CPU": "second"}
    assert [row.values["first_ack_ms"] for row in merged.rows] == [99]
    assert merged.failures == RESULTS.failures
