"""What is told of records that were produced."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest

from cordwood.cli.records import reports
from cordwood.cli.records.reports import Lines, Summary, reports_of
from cordwood.cli.records.sending import Report, Sums
from cordwood.cli.records.streams import JsonLines
from cordwood.cli.terminal.output import Output

READ: dict[Output, Callable[[str], object]] = {
    Output.JSON: json.loads,
    Output.JSONL: lambda lines: [json.loads(line) for line in lines.splitlines()],
    Output.YAML: msgspec.yaml.decode,
}
DONE = Report(1, "orders", 0, 7)
FAILED = Report(2, "orders", None, None, "too large")


def test_a_row_for_each_partition(capsys):
    sums = Sums()
    for partition, offset in [(2, 5), (0, 10), (0, 11), (1, -1)]:
        sums.acknowledge(partition, offset)
    summary = reports_of(Output.TABLE)
    assert summary.tell is None
    summary.flush()
    summary.end(sums)
    assert capsys.readouterr().out.splitlines() == [
        "PARTITION  RECORDS  FIRST  LAST",
        "        0        2     10    11",
        "        1        1      -     -",
        "        2        1      5     5",
    ]


def test_nothing_is_told_of_nothing(capsys):
    Summary().end(Sums())
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("output", [Output.JSON, Output.JSONL, Output.YAML])
def test_each_record_for_programs(output, capfd):
    told = reports_of(output)
    assert isinstance(told, Lines)
    told.tell(DONE)
    told.tell(FAILED)
    told.end(Sums())
    text = capfd.readouterr().out
    values = READ[output](text)
    assert values == [
        {"record": 1, "topic": "orders", "partition": 0, "offset": 7, "error": None},
        {"record": 2, "topic": "orders", "partition": None, "offset": None, "error": "too large"},
    ]


def test_who_no_longer_reads_is_told_nothing(monkeypatch):
    written = []

    def write(data):
        written.append(data)
        if data:
            raise BrokenPipeError

    monkeypatch.setattr(reports, "write", write)
    monkeypatch.setattr("os.dup2", lambda *_: None)
    lines = Lines(JsonLines(lambda report: report))
    for _ in range(2):
        lines.tell(DONE)
        lines.flush()
    lines.end(Sums())
    assert len(written) == 2
