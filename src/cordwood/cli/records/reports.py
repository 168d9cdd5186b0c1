"""What is told of records that were produced: a row for each partition, or a line for each record.

Lives here: the forms, and the silence once nobody reads. Must not live here: counting (`sending`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cordwood.cli.records.stdout import reader_may_leave, write
from cordwood.cli.records.streams import JsonArray, JsonLines, Yaml
from cordwood.cli.terminal.output import Column, Output, show_rows

if TYPE_CHECKING:
    from cordwood.cli.records.sending import Report, Sums
    from cordwood.cli.records.streams import Form

COLUMNS: Final = [
    Column("PARTITION", "partition"),
    Column("RECORDS", "records"),
    Column("FIRST", "first_offset"),
    Column("LAST", "last_offset"),
]
WRITE_REPORTS: Final = 1_000


class Summary:
    """For people: a table when all is done."""

    tell = None
    """Single records are not looked at."""

    def flush(self) -> None:
        """Nothing yet."""

    def end(self, sums: Sums) -> None:
        """A row for each partition that records went to."""
        rows = [
            {
                "partition": partition,
                "records": written.records,
                "first_offset": None if written.first < 0 else written.first,
                "last_offset": None if written.last < 0 else written.last,
            }
            for partition, written in sorted(sums.written.items())
        ]
        if rows:
            show_rows(Output.TABLE, rows, COLUMNS)


class Lines:
    """For programs: each record, as it is acknowledged or fails. Records go on being sent when nobody reads this."""

    def __init__(self, form: Form[Report]) -> None:
        self._form = form
        self._pending: list[Report] = []
        self._is_read = True
        self._write(form.begin())

    def tell(self, report: Report) -> None:
        """Takes one."""
        self._pending.append(report)
        if len(self._pending) >= WRITE_REPORTS:
            self.flush()

    def flush(self) -> None:
        """Writes what was taken."""
        pending, self._pending = self._pending, []
        self._write(self._form.some(pending))

    def end(self, _sums: Sums) -> None:
        """Writes the rest."""
        self.flush()
        self._write(self._form.end())

    def _write(self, data: bytes) -> None:
        if not self._is_read:
            return
        self._is_read = False
        with reader_may_leave():
            write(data)
            self._is_read = True


FORMS: Final[dict[Output, Any]] = {Output.JSON: JsonArray, Output.JSONL: JsonLines, Output.YAML: Yaml}


def reports_of(output: Output) -> Summary | Lines:
    """The form that was asked for by name."""
    return Summary() if output is Output.TABLE else Lines(FORMS[output](_same))


def _same(report: Report) -> Report:
    return report
