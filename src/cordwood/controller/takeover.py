"""A node that stands alone founds its quorum at the first start, and takes over the journal of an earlier release.

      __cluster_metadata-0/   a log whose records are those of the metadata: what a cluster consisted of
        │ replayed
        ▼
      __cluster_metadata/snapshots/   the founding: a quorum of one that begins with this image
        │ durable
        ▼
      __cluster_metadata-0.taken-over/   the journal under another name; nobody reads it any more

| if the process dies or the power fails        | the next start                                  |
|-----------------------------------------------|-------------------------------------------------|
| before the founding is durable                | founds once more                                |
| before the journal has its new name, durably  | finds the founding, and gives the name again    |
| later                                         | has nothing to do                               |

Lives here: that, and reading the journal. Must not live here: founding several nodes (opening.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from cordwood.consensus.opening import has_begun
from cordwood.controller.opening import QUORUM_DIRECTORY, Founding, found
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.metadata import EMPTY, Image, cluster, records, replay_all
from cordwood.metadata.records import Record
from cordwood.model.errors import InvalidMetadata
from cordwood.model.limits import BATCH_SIZE_LIMIT_BYTES
from cordwood.model.settings.setting import LONG_MAX

if TYPE_CHECKING:
    from cordwood.env.clock import Clock
    from cordwood.env.dice import Dice
    from cordwood.env.disk import Disk
    from cordwood.log.flusher import Flusher

JOURNAL_DIRECTORY: Final = f"{QUORUM_DIRECTORY}-0"
TAKEN_OVER_SUFFIX: Final = ".taken-over"

_CONFIG: Final = LogConfig(flush_policy="os", max_message_bytes=BATCH_SIZE_LIMIT_BYTES, segment_ms=LONG_MAX)


def found_alone(
    directory: str,
    node_id: int,
    cluster_id: str | None,
    *,
    disk: Disk,
    clock: Clock,
    dice: Dice,
    flusher: Flusher,
) -> None:
    """Founds a quorum of one in a data directory, unless that was done, and takes a journal over that is there.

    `cluster_id` is the id that a new cluster gets; without one it gets one by chance. Raises WrongCluster for a journal
    of another cluster, DirectoryLocked, CorruptLog, InvalidMetadata, StorageFailed.
    """
    path, journal = f"{directory}/{QUORUM_DIRECTORY}", f"{directory}/{JOURNAL_DIRECTORY}"
    has_journal, has_log = disk.exists(journal), disk.exists(f"{path}/log")
    if not has_begun(disk, path):
        image = read_journal(journal, disk=disk, clock=clock, flusher=flusher) if has_journal else EMPTY
        wanted = cluster_id or image.cluster_id or cluster.new_cluster_id(dice.token)
        image = replay_all(image, cluster.found(image, wanted).records)
        found(disk, path, Founding(frozenset({node_id}), image))
    elif has_journal and has_log:
        raise InvalidMetadata(
            f"{journal} and {path} both hold metadata: an earlier release was started after its journal had been taken "
            "over. Move the one away that is not to count"
        )
    if has_journal:
        disk.rename(journal, journal + TAKEN_OVER_SUFFIX)
    if not has_log:
        # Also where somebody renamed it and died: once there is a log, the old name must not come back.
        disk.sync_directory(directory)


def read_journal(path: str, *, disk: Disk, clock: Clock, flusher: Flusher) -> Image:
    """The image that a journal leads to. Raises DirectoryLocked, CorruptLog, InvalidMetadata, StorageFailed."""
    log = Log.open(path, _CONFIG, disk=disk, clock=clock, flusher=flusher)
    try:
        return replay_all(EMPTY, _records(log))
    finally:
        log.close()


def _records(log: Log) -> Iterator[Record]:
    for entry in log.read(log.start_offset):
        try:
            yield records.decode(entry.value or b"")
        except InvalidMetadata as error:
            raise InvalidMetadata(f"{log.path}, offset {entry.offset}: {error}") from error
