"""What commands that change topics tell: a row for each, with what became of it.

Lives here: the columns that they share. Must not live here: the changes.
"""

from __future__ import annotations

from typing import Final

from cordwood.cli.terminal.output import Column, Row

TOPIC: Final = Column("TOPIC", "topic")
PARTITION: Final = Column("PARTITION", "partition")


def status_column(*changes: str) -> Column:
    """What became of it. `changes` are the words for what is really done, and of a dry run would be."""

    def told(row: Row) -> str:
        status: str = row["status"]
        return f"would be {status}" if status in changes and row["dry_run"] else status

    return Column("STATUS", told)
