"""Commits growing offsets for a group, and asks every now and then what the group's offset is.

Lives here: one group of one topic, without members. Must not live here: whether the answers are right (`promises`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from cordwood.sim.clients.connection import Refused
from cordwood.sim.promises.notes import Committed
from cordwood.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from cordwood.wire.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic, OffsetFetchResponse

if TYPE_CHECKING:
    from cordwood.sim.clients.connection import BrokerConnection
    from cordwood.sim.promises.notes import Notes

COMMIT_VERSION: Final = 7
FETCH_VERSION: Final = 5
THINK_MS: Final = 200


class Committer:
    """One commit at a time, until it is told to finish."""

    def __init__(self, connection: BrokerConnection, group: str, topic: str, notes: Notes) -> None:
        self._connection = connection
        self._group = group
        self._topic = topic
        self._notes = notes
        self._asked = self._acknowledged = -1
        self.finishing = False

    async def run(self) -> None:
        """Returns after a last look once `finishing` was set, or when the broker refused something."""
        try:
            while not self.finishing:
                await self._commit()
                if not self._connection.dice.below(3):
                    await self.look()
                await asyncio.sleep(self._connection.dice.below(THINK_MS) / 1000)
            await self.look()
        except Refused as error:
            self._notes.refused.append(f"{self._connection.name}: {error}")
        finally:
            self._connection.abort()

    async def _commit(self) -> None:
        self._asked += 1
        partitions = [OffsetCommitRequestPartition(0, self._asked, committed_metadata="")]
        request = OffsetCommitRequest(
            self._group, topics=[OffsetCommitRequestTopic(self._topic, partitions=partitions)]
        )
        await self._connection.ask_until(request, COMMIT_VERSION, OffsetCommitResponse, _commit_codes)
        self._acknowledged = self._asked

    async def look(self) -> None:
        """Asks for the group's offset, and notes it. Raises Refused."""
        request = OffsetFetchRequest(self._group, [OffsetFetchRequestTopic(self._topic, [0])])
        response = await self._connection.ask_until(request, FETCH_VERSION, OffsetFetchResponse, _fetch_codes)
        seen = response.topics[0].partitions[0].committed_offset
        self._notes.committed.append(Committed(self._group, self._acknowledged, self._asked, seen))


def _commit_codes(response: OffsetCommitResponse) -> list[int]:
    return [partition.error_code for topic in response.topics for partition in topic.partitions]


def _fetch_codes(response: OffsetFetchResponse) -> list[int]:
    inner = [partition.error_code for topic in response.topics for partition in topic.partitions]
    return [response.error_code, *inner]
