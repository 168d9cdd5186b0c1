"""Raft logs for tests: on a disk in memory, with the worker's turns in the test's hands."""

from __future__ import annotations

from typing import Final

from cordwood.env.memory_disk import MemoryDisk
from cordwood.raftlog.codecs import TEXTS
from cordwood.raftlog.config import RaftLogConfig
from cordwood.raftlog.raft_log import RaftLog
from cordwood.raftlog.text import dump_text
from cordwood.sim.background import SimBackground
from cordwood.sim.clock import SimClock

PATH: Final = "/mem/raft"
SMALL: Final = RaftLogConfig(chunk_max_records=5)


class World:
    """One directory, and the logs that are opened on it in turn."""

    def __init__(self, config: RaftLogConfig = SMALL, disk=None) -> None:
        self.config = config
        self.disk = disk or MemoryDisk()
        self.log: RaftLog | None = None

    def open(self, **changes) -> RaftLog:
        """Opens the log; one that was not closed is given up, as by a process that died."""
        self.abandon()
        config = RaftLogConfig(**{**{name: getattr(self.config, name) for name in self.config.__slots__}, **changes})
        self.log = RaftLog.open(PATH, TEXTS, config, disk=self.disk, background=SimBackground(), clock=SimClock())
        return self.log

    def abandon(self) -> None:
        """The process dies: what was not written is gone."""
        if self.log is not None:
            self.log._owned.release()
            self.log = None

    def names(self) -> list[str]:
        """The chunks in the directory."""
        return [name for name in self.disk.list(PATH) if name.endswith(".wal")]

    def content(self, name: str) -> bytes:
        """The bytes of a file."""
        file = self.disk.open(f"{PATH}/{name}")
        return file.read(file.size(), 0)

    def put(self, name: str, data: bytes) -> None:
        """Makes a file of these bytes."""
        self.disk.make_directory(PATH)
        file = self.disk.open(f"{PATH}/{name}", create=True)
        file.truncate(0)
        if data:
            file.write([data], 0)


def dumped(log: RaftLog) -> str:
    """The dump of an open log."""
    return "".join(f"{line}\n" for line in dump_text(TEXTS, log.dump()))


def build_sample(log: RaftLog) -> None:
    """Some of every call, in chunks of five records: the sample of the crate's own tests."""
    log.append([((1, 0), "hi"), ((1, 1), "hello"), ((1, 2), "world"), ((1, 3), "foo")])
    log.truncate(2)
    log.append([((2, 2), "world"), ((2, 3), "foo")])
    log.commit((1, 2))
    log.purge((1, 1))
    log.sync()
    log.append([((2, 4), "world"), ((2, 5), "foo"), ((2, 6), "bar"), ((2, 7), "wow")])
    log.sync()


def build_purged_sample(log: RaftLog) -> None:
    """The same, with two chunks purged."""
    build_sample(log)
    log.purge((2, 3))
    log.sync()


def read_all(log: RaftLog) -> list:
    """Every entry."""
    return list(log.read(0, 1 << 63))
