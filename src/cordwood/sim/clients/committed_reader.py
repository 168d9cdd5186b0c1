"""Reads what was committed to one partition, and goes on where it stopped whatever happens to the broker.

As clients do it: the broker names the aborted transactions, whose batches are passed over up to their markers.

Lives here: fetching and passing over. Must not live here: whether what was read is right (`promises.atomic`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cordwood.records.batch import BatchHeader, batches
from cordwood.records.control import MarkerType, parse_marker
from cordwood.records.reader import decode_batch
from cordwood.sim.clients.connection import BrokerConnection, Refused
from cordwood.sim.promises.notes import Notes, Place
from cordwood.wire.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic

if TYPE_CHECKING:
    from cordwood.wire.messages.fetch import PartitionData

VERSION: Final = 6
COMMITTED: Final = 1
WAIT_MS: Final = 500
MAX_BYTES: Final = 2_000


class CommittedReader:
    """A consumer without a group."""

    def __init__(self, connection: BrokerConnection, place: Place, notes: Notes) -> None:
        self._connection = connection
        self._topic, self._partition = place[1:]
        self._notes = notes
        self._offset = 0
        self._aborted: set[int] = set()
        """The producers in whose aborted transactions the reader is."""
        self.found: list[bytes] = []
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

    async def read_all(self) -> list[bytes]:
        """Everything, once no transaction is open any more. Raises Refused."""
        while self._offset < await self._fetch(0):
            await self._connection.back_off("a transaction is open")
        self._connection.abort()
        return self.found

    async def _fetch(self, wait_ms: int) -> int:
        """Reads a piece; returns the high watermark."""
        partition = FetchPartition(self._partition, fetch_offset=self._offset, partition_max_bytes=MAX_BYTES)
        request = FetchRequest(
            max_wait_ms=wait_ms,
            min_bytes=1,
            max_bytes=MAX_BYTES,
            isolation_level=COMMITTED,
            topics=[FetchTopic(self._topic, partitions=[partition])],
        )
        response = await self._connection.ask_until(request, VERSION, FetchResponse, _codes)
        data = response.responses[0].partitions[0]
        self._take(data)
        return data.high_watermark

    def _take(self, data: PartitionData) -> None:
        begins = sorted((one.first_offset, one.producer_id) for one in data.aborted_transactions or ())
        if data.records is None:
            return
        assert isinstance(data.records, bytes | bytearray | memoryview), f"records are {type(data.records)}"
        for header, batch in batches(data.records):
            while begins and begins[0][0] <= header.last_offset:
                self._aborted.add(begins.pop(0)[1])
            if header.next_offset > self._offset:
                self._offset = header.next_offset
                self._take_batch(header, batch)

    def _take_batch(self, header: BatchHeader, batch: memoryview) -> None:
        records = decode_batch(batch, header)
        if header.is_control:
            marker = parse_marker(next(iter(records)))
            if marker is not None and marker.type is MarkerType.ABORT:
                self._aborted.discard(header.producer_id)
        elif not (header.is_transactional and header.producer_id in self._aborted):
            self.found += [bytes(record.value or b"") for record in records]


def _codes(response: FetchResponse) -> list[int]:
    return [partition.error_code for topic in response.responses for partition in topic.partitions]
