"""The progress bar: on standard error, for whoever sits at a terminal.

Lives here: that bar, which rich draws. Must not live here: data.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Final

from cordwood.env.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REDRAW_S: Final = 0.05
"""How often the bar moves: more often is not seen, and costs."""


class Unit(Enum):
    """What a bar counts."""

    BYTES = "bytes"
    RECORDS = "records"


@contextmanager
def progress(
    what: str, total: int | None, unit: Unit = Unit.BYTES, *, is_wanted: bool = True
) -> Iterator[Callable[[int], None]]:
    """A function that takes how much was done since the last call, and shows it to whoever sits at a terminal.

    `total` is None where nobody knows the end. The bar is gone when the work is done.
    """
    if not (is_wanted and sys.stderr.isatty()):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    counted = DownloadColumn() if unit is Unit.BYTES else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), counted, TimeRemainingColumn())
    clock = SystemClock()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        pending, shown = 0, clock.monotonic()

        def advance(amount: int) -> None:
            nonlocal pending, shown
            pending += amount
            now = clock.monotonic()
            if now - shown >= REDRAW_S:
                bar.advance(task, pending)
                pending, shown = 0, now

        yield advance
        bar.advance(task, pending)
