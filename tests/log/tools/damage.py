"""Small logs of every kind, and ways to damage them."""

from __future__ import annotations

from struct import pack

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log.tools.verify import Options, verify_log
from tests.log.kit import SMALL, World, batch, produced, values

OPTIONS = Options(decodes_records=True, index_interval_bytes=SMALL.index_interval_bytes)


def filled(*, start=0, is_closed=True):
    """A log of several segments, leader epochs and producers; `start` is where it begins."""
    world = World(SMALL)
    log = world.open()
    for number in range(30):
        log.append_batch(batch(3, start=3 * number), number // 10)
    for number in range(20):
        log.append_batch(produced(7 + number % 2, 0, number // 2 * 2, 2), 4)
    if start:
        log.truncate_before(start)
    world.background.run()
    log.checkpoint()
    for number in range(4):
        log.append_batch(batch(1, start=number), 4)
    if is_closed:
        log.close()
    world.background.run()
    return world


def files_of(world):
    """The bytes of every file, by name: what outlives a disk."""
    return {name: world.content(name) for name in world.names()}


def world_of(files, disk=None):
    """A log with these files."""
    world = World(SMALL, disk or MemoryDisk())
    for name, content in files.items():
        world.replace(name, content)
    return world


def contents(world):
    """The records of a log by their offsets, looked at on a copy."""
    log = world_of(files_of(world)).open()
    found = dict(values(log))
    log.abandon()
    return found


def verified(world):
    """The report of a log."""
    return verify_log(world.disk, world.path, OPTIONS)


def codes(report):
    """What is damaged, without repetitions, as (code, file)."""
    return sorted({(finding.code.value, finding.path.rpartition("/")[2]) for finding in report.damage})


def notes(report):
    """What is only worth a note."""
    return sorted({finding.code.value for finding in report.findings if finding.level == "note"})


def overwrite(world, name, position, data):
    """Other bytes in a file."""
    content = bytearray(world.content(name))
    assert position + len(data) <= len(content)
    content[position : position + len(data)] = data
    world.replace(name, bytes(content))


def flip(world, name, position, bit=0):
    """One wrong bit."""
    overwrite(world, name, position, bytes([world.content(name)[position] ^ (1 << bit)]))


def cut(world, name, size):
    """The end of a file is lost."""
    world.replace(name, world.content(name)[:size])


def swap(world, one, other):
    """Two files have each other's name."""
    first, second = world.content(one), world.content(other)
    world.replace(one, second)
    world.replace(other, first)


def remove(world, name):
    """A file is lost."""
    world.disk.unlink(f"{world.path}/{name}")


def entry(key, value):
    """An entry of an index."""
    return pack("<QQ", key, value)


def name_of(offset, suffix):
    """The name of a segment's file."""
    return f"{offset:020d}{suffix}"
