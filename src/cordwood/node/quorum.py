"""The node's part of the metadata quorum: its directory founded or taken over, opened, and a controller made of it.

Lives here: which directory, and who founds it. Must not live here: the group (`controller`), when
the rest of the node starts (node.py).

A node that was given no quorum stands alone: it founds a group of one at its first start.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from cordwood.controller import NO_PEERS, Controller
from cordwood.controller.members import member_of
from cordwood.controller.opening import QUORUM_DIRECTORY, open_quorum
from cordwood.controller.takeover import found_alone
from cordwood.model.consensus_errors import NoQuorum
from cordwood.model.errors import StorageFailed, WrongCluster

if TYPE_CHECKING:
    from cordwood.consensus.storage import GroupStorage
    from cordwood.consensus.transport import Transport
    from cordwood.env.background import Background
    from cordwood.log.flusher import Flusher
    from cordwood.metadata import Image
    from cordwood.node.configuration import NodeConfig
    from cordwood.node.world import World

logger = logging.getLogger(__name__)


class Quorum:
    """What it takes to make the controller of a node."""

    def __init__(self, config: NodeConfig, world: World, background: Background, flusher: Flusher) -> None:
        self._node = config
        self._world = world
        self._background = background
        self._flusher = flusher
        self._config = config.quorum.group_config(member_of(config.node_id))
        self.path = f"{config.data_dirs[0]}/{QUORUM_DIRECTORY}"

    async def open(self, transport: Transport = NO_PEERS) -> Controller:
        """The controller, which takes no part yet; its image is that of its last snapshot.

        Raises DirectoryLocked, CorruptLog, InvalidMetadata, StorageFailed, WrongCluster.
        """
        storage = await asyncio.wrap_future(self._background.submit(self._open_storage))
        try:
            return Controller(
                self._config,
                storage,
                disk=self._world.disk,
                loop=asyncio.get_running_loop(),
                background=self._background,
                dice=self._world.dice,
                transport=transport,
            )
        except BaseException:  # Whatever it was, the directory must not stay locked.
            storage.log.close()
            raise

    def _open_storage(self) -> GroupStorage:
        """In a background thread: it reads whole files."""
        world = self._world
        world.disk.make_directory(self._node.data_dirs[0])
        found_alone(
            self._node.data_dirs[0],
            self._node.node_id,
            self._node.cluster_id,
            disk=world.disk,
            clock=world.clock,
            dice=world.dice,
            flusher=self._flusher,
        )
        return open_quorum(
            self.path,
            self._config,
            disk=world.disk,
            background=self._background,
            clock=world.clock,
            new_flusher=world.new_flush_worker,
        )

    async def join(self, controller: Controller) -> Image:
        """Takes part in the group; returns an image that is not stale, as soon as a majority is there.

        Raises WrongCluster, the failure of the group on this node.
        """
        controller.start()
        while True:
            try:
                image = await controller.read()
            except NoQuorum as error:
                logger.info("waiting for the metadata quorum: %s", error.trouble)
                continue
            if self._node.cluster_id is not None and image.cluster_id != self._node.cluster_id:
                raise WrongCluster(image.cluster_id, self._node.cluster_id)
            return image

    async def leave(self, controller: Controller) -> None:
        """Takes part no more. A disk that fails there is told and not passed on.

        On the loop, where those are who wait for the group: its log is synced once more, which takes a moment.
        """
        try:
            controller.close()
        except StorageFailed as error:
            logger.error("the metadata could not be closed in good order: %s", error)
