"""Reads one partition from its beginning, and goes on where it stopped whatever happens to the broker.

Lives here: fetching and decoding. Must not live here: whether what was read is right (`promises`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cordwood.records.batch import batches, check_stored_batch
from cordwood.records.reader import decode_batch
from cordwood.sim.clients.connection import BrokerConnection, Refused
from cordwood.sim.promises.notes import Notes, Place, Stored
from cordwood.wire.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION: Final = 6
WAIT_MS: Final = 500
MAX_BYTES: Final = 4_000


class Reader:
    """A consumer without a group."""

    def __init__(self, connection: BrokerConnection, place: Place, notes: Notes) -> None:
        self._connection = connection
        self._topic, self._partition = place[1:]
        self._notes = notes
        self._offset = 0
        self.found: list[Stored] = []
        self.finishing = False

    async def run(self) -> None:
        """Reads, and waits for more, until `finishing` is set."""
        try:
            while not self.finishing:
                await self._fetch(WAIT_MS)
        except Refused as error:
            self._notes.refused.append(f"{self._connection.name}: {error}")
        finally:
            self._connection.abort()

    async def read_all(self) -> list[Stored]:
        """Everything up to the high watermark. Raises Refused."""
        while self._offset < await self._fetch(0):
            pass
        self._connection.abort()
        return self.found

    async def _fetch(self, wait_ms: int) -> int:
        """Reads a piece; returns the high watermark."""
        partition = FetchPartition(self._partition, fetch_offset=self._offset, partition_max_bytes=MAX_BYTES)
        request = FetchRequest(
            max_wait_ms=wait_ms,
            min_bytes=1,
            max_bytes=MAX_BYTES,
            topics=[FetchTopic(self._topic, partitions=[partition])],
        )
        response = await self._connection.ask_until(request, VERSION, FetchResponse, _codes)
        data = response.responses[0].partitions[0]
        for batch in _stored(data.records):
            self.found.append(batch)
            self._offset = batch.header.next_offset
        return data.high_watermark


def _stored(records: object) -> Iterator[Stored]:
    if records is None:
        return
    assert isinstance(records, bytes | bytearray | memoryview), f"records are {type(records)}"
    for header, view in batches(records):
        check_stored_batch(view)
        yield Stored(header, tuple(bytes(record.value or b"") for record in decode_batch(view, header)))


def _codes(response: FetchResponse) -> list[int]:
    return [partition.error_code for topic in response.responses for partition in topic.partitions]
