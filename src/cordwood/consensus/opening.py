"""The directory of one node of a group: `log/` for the raft log, `snapshots/` for the state.

Lives here: opening both, and founding a group. Must not live here: what runs on them (driver.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cordwood.consensus.snapshots import SnapshotFiles
from cordwood.consensus.storage import GroupStorage
from cordwood.raft import Configuration, NodeId, bootstrap_snapshot
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.flusher import FlushWorker
from cordwood.raftlog.raft_log import RaftLog

if TYPE_CHECKING:
    from cordwood.consensus.config import GroupConfig
    from cordwood.env.background import Background
    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk
    from cordwood.raftlog.flusher import NewFlushWorker


def found_group(disk: Disk, path: str, voters: Iterable[NodeId], state: Iterable[bytes] = ()) -> bool:
    """Prepares the directory of a first member: the configuration and the state that all of them begin with.

    Every first member is founded with the same; a member that joins later is not founded. False, and nothing is done,
    where the group has begun already. Raises StorageFailed.
    """
    files = SnapshotFiles(disk, f"{path}/snapshots")
    if files.newest() is not None:
        return False
    files.write(bootstrap_snapshot(Configuration(frozenset(voters))), state)
    return True


def has_begun(disk: Disk, path: str) -> bool:
    """Whether this was the directory of a node before: it was founded, or has a log. Raises StorageFailed."""
    log = f"{path}/log"
    return bool(SnapshotFiles(disk, f"{path}/snapshots").positions()) or (disk.exists(log) and bool(disk.list(log)))


def open_storage(
    path: str,
    config: GroupConfig,
    *,
    disk: Disk,
    background: Background | None = None,
    clock: Clock | None = None,
    new_flusher: NewFlushWorker = FlushWorker,
) -> GroupStorage:
    """Opens a node's directory. Raises DirectoryLocked, CorruptLog, StorageFailed."""
    log = RaftLog.open(
        f"{path}/log", PLAIN, config.log, disk=disk, background=background, clock=clock, new_flusher=new_flusher
    )
    try:
        return GroupStorage(log, SnapshotFiles(disk, f"{path}/snapshots"))
    except BaseException:  # Whatever it was, the directory must not stay locked.
        log.close()
        raise
