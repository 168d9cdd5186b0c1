"""Every way in which the machine may stop."""

from __future__ import annotations

import pytest

from cordwood.env.dice import SeededDice
from cordwood.sim.disk import SimDisk
from cordwood.sim.faults import Operation
from cordwood.sim.stops import Stop, stops


def play(power_failures: int = 1) -> list[Stop]:
    """Stops of a program that writes to a file and syncs it."""
    disk, seen = SimDisk(), []
    with stops(disk, SeededDice(0), seen.append, power_failures=power_failures):
        file = disk.open("/a", create=True)
        disk.sync_directory("/")
        file.write([b"0123456789" * 50], 0)
        file.datasync()
    return seen


def test_each_step_is_a_stop_and_so_is_the_end():
    seen = [(stop.step.operation, stop.step.in_the_middle) if stop.step else None for stop in play()[::2]]
    assert seen == [
        (Operation.CREATE, False),
        (Operation.SYNC_DIRECTORY, False),
        (Operation.WRITE, False),
        (Operation.WRITE, True),
        (Operation.DATASYNC, False),
        None,
    ]


def test_a_stop_is_a_kill_or_a_power_failure():
    assert [stop.power_failed for stop in play(power_failures=2)[:3]] == [False, True, True]


def test_the_disk_is_as_it_was_at_the_stop():
    killed = [stop.disk for stop in play() if not stop.power_failed]
    sizes = [disk.open("/a").size() if disk.exists("/a") else -1 for disk in killed]
    assert sizes[:3] == [-1, 0, 0]
    assert 0 < sizes[3] < 500
    assert sizes[4:] == [500, 500]


def test_after_the_last_sync_everything_is_there():
    assert play()[-1].disk.open("/a").size() == 500


def test_stops_are_named():
    names = [str(stop) for stop in play()]
    assert names[0] == "killed before operation 0: create /a"
    assert names[-1] == "power failed before nothing else"


def test_what_goes_wrong_while_looking_is_told():
    def examine(stop: Stop) -> None:
        raise ValueError(str(stop))

    disk = SimDisk()
    with pytest.raises(ValueError, match="killed before operation 0"), stops(disk, SeededDice(0), examine):
        disk.open("/a", create=True)
    disk.open("/b", create=True)
