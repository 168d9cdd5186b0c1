"""Founding a cluster: the directory of one of its first members is prepared, before any of them runs.

Lives here: whether that may be done with a node's data directories, and doing it. Must not live here: the bytes
(`controller.opening`), words on the terminal (`cli`).

Every first member is founded by itself, with the same cluster id and the same members, and so begins with the same
bytes. A data directory that has a past is refused: a member that forgot what it voted could vote twice.

The founding is one file that appears whole or not at all, so a crash in the midst leaves nothing that the next attempt
would not remove.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import msgspec

from cordwood.consensus.opening import has_begun
from cordwood.consensus.snapshots import SnapshotFiles
from cordwood.controller.opening import QUORUM_DIRECTORY, Founding, first_image, found
from cordwood.log.entries import partition_of
from cordwood.metadata import Endpoint, Image, QuorumNode, cluster, quorum, snapshot
from cordwood.metadata.image import NO_DIRECTORY
from cordwood.model.errors import CordwoodError
from cordwood.node.configuration import ConfigurationError, NodeConfig
from cordwood.node.listeners import SERVED
from cordwood.node.voters import Voter

if TYPE_CHECKING:
    from cordwood.env.dice import Dice
    from cordwood.env.disk import Disk

LISTENER: Final = SERVED[0]
"""The listener that members reach each other by: the only protocol there is."""

NAMES_SHOWN: Final = 3
"""So many of the logs that are in the way are named."""


class FoundingRefused(CordwoodError):
    """The data directories have a past, and no cluster is founded in them: all the reasons."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class Founded(msgspec.Struct, frozen=True):
    """What became of the founding. `is_new` is False where it had been done before."""

    cluster_id: str
    node_id: int
    directory: str
    voters: tuple[Voter, ...]
    is_new: bool


def found_member(config: NodeConfig, disk: Disk, dice: Dice, *, if_needed: bool = False) -> Founded:
    """Founds the cluster that a configuration names in the data directories of this member.

    With `if_needed` a member of this very cluster is left as it is. Raises ConfigurationError with every mistake;
    FoundingRefused with every reason; DirectoryLocked while a node runs there; CorruptLog, StorageFailed.
    """
    mistakes = tuple(_mistakes(config))
    if mistakes:
        raise ConfigurationError(mistakes)
    path = f"{config.data_dirs[0]}/{QUORUM_DIRECTORY}"
    disk.make_directory(config.data_dirs[0])
    with ExitStack() as owned:
        for directory in filter(disk.exists, config.data_dirs):
            owned.callback(disk.lock(directory).release)
        image = _image_in(disk, path)
        if image is not None:
            _check_same(config, path, image, if_needed=if_needed)
            return Founded(image.cluster_id, config.node_id, path, config.voters, is_new=False)
        reasons = tuple(_reasons(config, disk, path))
        if reasons:
            raise FoundingRefused(reasons)
        cluster_id = config.cluster_id or cluster.new_cluster_id(dice.token)
        is_new = found(disk, path, _founding(cluster_id, config.voters))
        assert is_new, f"{path} was looked at, and has begun a group all the same"
    return Founded(cluster_id, config.node_id, path, config.voters, is_new=True)


def _founding(cluster_id: str, voters: tuple[Voter, ...]) -> Founding:
    """What is the same for all first members. Their directories are not known yet: each notes its own when it comes."""
    nodes = [
        QuorumNode(voter.id, NO_DIRECTORY, Endpoint(LISTENER, voter.place.host, voter.place.port)) for voter in voters
    ]
    return Founding(frozenset(voter.id for voter in voters), first_image(cluster_id, quorum.first_members(nodes)))


# What a configuration has to say.


def _mistakes(config: NodeConfig) -> Iterator[str]:
    voters = config.voters
    if not voters:
        yield "controller.quorum.voters: is not set: name the first members of the cluster, each as NODE@HOST:PORT"
        return
    own = next((voter for voter in voters if voter.id == config.node_id), None)
    if own is None:
        listed = ", ".join(map(str, voters))
        yield f"node.id: {config.node_id} is none of the members that controller.quorum.voters names ({listed})"
    elif own.place.port not in {address.port for address in (*config.listeners, *config.advertised)}:
        yield (
            f"controller.quorum.voters: the others are to reach this node at {own.place}, but none of its listeners "
            "and advertised.listeners has that port"
        )
    if config.cluster_id is None and len(voters) > 1:
        yield (
            "cluster.id: is not set: every first member needs the same one; "
            "take what `cordwood cluster new-id` says, for all of them"
        )


# What the directories may hold.


def _image_in(disk: Disk, path: str) -> Image | None:
    """The metadata of the newest snapshot, if the group has begun here. Raises CorruptLog where it cannot be read."""
    if not disk.exists(f"{path}/snapshots"):
        return None
    files = SnapshotFiles(disk, f"{path}/snapshots")
    newest = files.newest()
    if newest is not None:
        return snapshot.restore(files.parts(newest.position))
    if files.damaged:
        raise files.damaged[0]
    return None


def _check_same(config: NodeConfig, path: str, image: Image, *, if_needed: bool) -> None:
    """Raises FoundingRefused unless this is the member that is wanted, and it may be there."""
    if not if_needed:
        raise FoundingRefused((f"{path} is that of a node of the cluster {image.cluster_id} already",))
    is_same = config.cluster_id in (None, image.cluster_id) and config.node_id in image.quorum_nodes
    if not is_same:
        wanted = config.cluster_id or "that is to be founded"
        raise FoundingRefused(
            (f"{path} is that of a node of the cluster {image.cluster_id}, not of node {config.node_id} of {wanted}",)
        )


def _reasons(config: NodeConfig, disk: Disk, path: str) -> Iterator[str]:
    if disk.exists(path) and has_begun(disk, path):
        yield f"{path} is that of a node that waits to join a cluster"
    for directory in filter(disk.exists, config.data_dirs):
        logs = sorted(entry for entry in disk.list(directory) if partition_of(entry) is not None)
        if logs:
            more = f" and {len(logs) - NAMES_SHOWN} more" if len(logs) > NAMES_SHOWN else ""
            yield f"{directory} holds logs already ({', '.join(logs[:NAMES_SHOWN])}{more})"
