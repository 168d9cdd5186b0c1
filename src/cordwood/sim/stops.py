"""Every way in which the machine may stop: a run of the code, and at each of its steps the disks that may be left.

      run:    create ─── write ─┬─ ... ─── datasync ─── rename ─── ...      once, to its end
                │          │    └ half        │           │
               disk       disk  disk         disk        disk                killed: all that was written
               disk       disk  disk         disk        disk                powerless: one for each throw of the dice

Lives here: the enumeration. Must not live here: what is run, and what is looked at on the disks that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cordwood.env.dice import Dice
    from cordwood.sim.disk import SimDisk
    from cordwood.sim.faults import Step


class Stop(NamedTuple):
    """A machine that has stopped: before which step (None: after the last one), and what its disk holds."""

    step: Step | None
    power_failed: bool
    disk: SimDisk

    def __str__(self) -> str:
        return f"{'power failed' if self.power_failed else 'killed'} before {self.step or 'nothing else'}"


@contextmanager
def stops(disk: SimDisk, dice: Dice, examine: Callable[[Stop], None], *, power_failures: int = 1) -> Iterator[None]:
    """While the context lasts, `examine` gets every stop that is possible on the disk, and those after its end.

    What it raises is raised in the midst of the run, with a note that names the stop.
    """

    def reach(step: Step | None) -> None:
        look(Stop(step, power_failed=False, disk=disk.fork()))
        for _ in range(power_failures):
            look(Stop(step, power_failed=True, disk=disk.fork().crash(dice)))

    def look(stop: Stop) -> None:
        try:
            examine(stop)
        except BaseException as error:
            error.add_note(str(stop))
            raise

    disk.faults.watch = reach
    try:
        yield
    finally:
        disk.faults.watch = None
    reach(None)
