"""Sends partitions from one data directory of a broker to another while they are used, and looks where they are.

Where a partition is then is no promise: a move that was begun is forgotten by a broker that dies. That each is in one
directory is, and what is in it is what other clients look at.

Lives here: one client, one request at a time. Must not live here: the records (`producer`, `reader`).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from cordwood.sim.clients.connection import Refused
from cordwood.wire.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
    AlterReplicaLogDirTopic,
)
from cordwood.wire.messages.describe_log_dirs import (
    DescribableLogDirTopic,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cordwood.sim.clients.connection import BrokerConnection
    from cordwood.sim.promises.notes import Notes, Place

THINK_MS: Final = 800


class Mover:
    """One move at a time, until it is told to finish."""

    def __init__(
        self, connection: BrokerConnection, places: Sequence[Place], directories: Sequence[str], notes: Notes
    ) -> None:
        self._connection = connection
        self._places = places
        self._directories = directories
        self._notes = notes
        self._seen: dict[Place, str] = {}
        self.finishing = False

    async def run(self) -> None:
        """Returns after a last look once `finishing` was set, or when the broker refused something."""
        dice = self._connection.dice
        try:
            while not self.finishing:
                place = self._places[dice.below(len(self._places))]
                await self._move(place, self._directories[dice.below(len(self._directories))])
                await asyncio.sleep(dice.below(THINK_MS) / 1000)
                await self.look()
        except Refused as error:
            self._notes.refused.append(f"{self._connection.name}: {error}")
        finally:
            self._connection.abort()

    async def _move(self, place: Place, directory: str) -> None:
        _, topic, partition = place
        wish = AlterReplicaLogDir(directory, [AlterReplicaLogDirTopic(topic, [partition])])
        await self._connection.ask_until(
            AlterReplicaLogDirsRequest([wish]),
            1,
            AlterReplicaLogDirsResponse,
            lambda response: [one.error_code for topic in response.results for one in topic.partitions],
        )

    async def look(self) -> None:
        """Notes every partition that is not in one directory. Raises Refused."""
        topics = sorted({topic for _, topic, _ in self._places})
        wanted = [
            DescribableLogDirTopic(topic, [index for _, other, index in self._places if other == topic])
            for topic in topics
        ]
        response = await self._connection.ask_until(
            DescribeLogDirsRequest(wanted),
            1,
            DescribeLogDirsResponse,
            lambda response: [one.error_code for one in response.results],
        )
        found: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for directory in response.results:
            for topic, index in _held(directory):
                found[topic, index].append(directory.log_dir)
        for place in self._places:
            self._judge(place, found[place[1:]])

    def _judge(self, place: Place, found: Sequence[str]) -> None:
        _, topic, index = place
        if len(found) != 1:
            told = f"{topic}-{index} is in {len(found)} directories, and not in one"
            self._notes.refused.append(f"{self._connection.name}: {told}")
        elif self._seen.setdefault(place, found[0]) != found[0]:
            self._connection.note("moved", topic=topic, partition=index)
            self._seen[place] = found[0]


def _held(directory: DescribeLogDirsResult) -> Iterator[tuple[str, int]]:
    """The partitions that a directory has, without those that are only on their way."""
    for topic in directory.topics:
        yield from ((topic.name, one.partition_index) for one in topic.partitions if not one.is_future_key)
