"""The directory of the metadata group on a node: founded once, opened at every start.

      <first data directory>/__cluster_metadata/log/        the raft log
                                               /snapshots/   snapshots of the image; the first one is the founding

Lives here: founding and opening. Must not live here: whether a node may found one (`node`), the journal of earlier
releases (takeover.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.consensus.opening import found_group, open_storage
from cordwood.consensus.storage import NO_SNAPSHOT, GroupStorage
from cordwood.controller.members import member_of
from cordwood.metadata import EMPTY, Image, Record, cluster, replay_all, snapshot
from cordwood.metadata.image import METADATA_TOPIC
from cordwood.raftlog.flusher import FlushWorker

if TYPE_CHECKING:
    from cordwood.consensus.config import GroupConfig
    from cordwood.env.background import Background
    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk
    from cordwood.raftlog.flusher import NewFlushWorker

QUORUM_DIRECTORY: Final = METADATA_TOPIC
"""The name of the group's directory in the first data directory."""


class Founding(NamedTuple):
    """What every first member of a cluster begins with."""

    nodes: frozenset[int]
    """Those that vote, by their node ids."""
    image: Image


def first_image(cluster_id: str, records: Iterable[Record] = ()) -> Image:
    """The image of a new cluster, with what is known about it from the beginning. Raises InvalidMetadata."""
    return replay_all(EMPTY, [*cluster.found(EMPTY, cluster_id).records, *records])


def found(disk: Disk, path: str, founding: Founding) -> bool:
    """Founds the group in a node's directory. False, and nothing is done, where it has begun. Raises StorageFailed."""
    return found_group(disk, path, map(member_of, founding.nodes), snapshot.parts(founding.image))


def open_quorum(
    path: str,
    config: GroupConfig,
    *,
    disk: Disk,
    background: Background,
    clock: Clock,
    new_flusher: NewFlushWorker = FlushWorker,
) -> GroupStorage:
    """Opens a node's directory; one that was never founded is that of a node that is to join.

    Raises DirectoryLocked, CorruptLog, StorageFailed.
    """
    storage = open_storage(path, config, disk=disk, background=background, clock=clock, new_flusher=new_flusher)
    if storage.snapshot() is NO_SNAPSHOT and storage.snapshots.damaged:
        # With no snapshot left it would wait to join a cluster, though it belongs to one.
        storage.log.close()
        raise storage.snapshots.damaged[0]
    return storage
