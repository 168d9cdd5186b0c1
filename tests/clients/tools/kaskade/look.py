"""Looks at a broker with kaskade, a user interface for the terminal, and writes down what its tables show.

    look.py BOOTSTRAP TOPIC      -> a line of JSON: the table of topics, and the tables of one topic's details

Run by the Python of kaskade's own environment. The keys are pressed as by a user; the terminal is one in memory.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable

from kaskade.admin import KaskadeAdmin
from textual.pilot import Pilot
from textual.widgets import DataTable

SCREEN = (180, 50)
PAUSE_S = 0.05
PATIENCE_S = 30.0
UNKNOWN = {"…", "—"}
"""What a cell shows whose value has not come yet, or cannot be had."""
DETAILS = ("partitions-table", "groups-table", "group-offsets-table", "group-members-table")


def rows(table: DataTable) -> list[list[str]]:
    """What a table shows."""
    return [[str(cell) for cell in table.get_row_at(number)] for number in range(table.row_count)]


async def until(pilot: Pilot, holds: Callable[[], bool]) -> None:
    """Waits until something is on the screen."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await pilot.pause(PAUSE_S)


async def look(bootstrap: str, topic: str) -> dict[str, list[list[str]]]:
    """The tables."""
    app = KaskadeAdmin({"bootstrap.servers": bootstrap})
    async with app.run_test(size=SCREEN) as pilot:
        topics = app.query_one("#topics-table", DataTable)

        def is_filled() -> bool:
            shown = rows(topics)
            return any(row[0] == topic for row in shown) and not UNKNOWN & {cell for row in shown for cell in row}

        await until(pilot, is_filled)
        found = {"topics-table": rows(topics)}
        topics.focus()
        topics.move_cursor(row=[row[0] for row in found["topics-table"]].index(topic))
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) > 1 and bool(app.screen.query("#groups-table")))
        return found | {name: rows(app.screen.query_one(f"#{name}", DataTable)) for name in DETAILS}


print(json.dumps(asyncio.run(look(sys.argv[1], sys.argv[2]))))
