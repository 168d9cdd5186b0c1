"""How many bytes a power failure took."""

from __future__ import annotations

from cordwood.env.dice import SeededDice
from cordwood.sim.disk import SimDisk
from cordwood.sim.loss import lost_bytes


def test_what_is_there_is_not_lost():
    disk = SimDisk()
    disk.make_directory("/a/b")
    disk.open("/a/b/f", create=True).write([b"123"], 0)
    assert lost_bytes(disk.fork(), disk) == 0


def test_missing_and_changed_bytes_are_counted():
    before, after = SimDisk(), SimDisk()
    for disk, data in ((before, b"12345"), (after, b"12x")):
        disk.make_directory("/a")
        disk.open("/a/f", create=True).write([data], 0)
    before.open("/a/gone", create=True).write([b"12"], 0)
    assert lost_bytes(before, after) == 5


def test_a_power_failure_takes_what_was_not_synced():
    disk = SimDisk()
    disk.make_directory("/a")
    file = disk.open("/a/f", create=True)
    file.write([b"kept"], 0)
    file.datasync()
    disk.sync_directory("/a")
    file.write([bytes(range(200))], 4)
    losses = {lost_bytes(disk, disk.fork().crash(SeededDice(seed))) for seed in range(20)}
    assert max(losses) > 0
    assert max(losses) <= 200
