"""Decisions about producer ids, which are given to brokers in blocks.

Lives here: the next block, and the taking of ids out of a block. Must not live here: what a partition knows of its
producers (`log.producers`).
"""

from __future__ import annotations

from typing import Final

import msgspec

from cordwood.metadata.image import Image
from cordwood.metadata.records import ProducerIdsRecord
from cordwood.metadata.result import Result
from cordwood.model.errors import InvalidRequest
from cordwood.model.ids import BrokerId, ProducerId

PRODUCER_ID_BLOCK_SIZE: Final = 1_000
"""How many ids a broker is given at once (as Kafka). Those it had not used when it stopped are never used."""

PRODUCER_ID_LIMIT: Final = (1 << 63) - 1


class ProducerIdBlock(msgspec.Struct, frozen=True):
    """Ids that belong to one broker: [first, first + count)."""

    first: ProducerId
    count: int


def allocate(image: Image, broker_id: BrokerId) -> Result[ProducerIdBlock]:
    """Gives a broker the next block. Raises InvalidRequest for a broker that is not registered."""
    if broker_id not in image.brokers:
        raise InvalidRequest(f"broker {broker_id} is not registered")
    first = image.next_producer_id
    assert first + PRODUCER_ID_BLOCK_SIZE <= PRODUCER_ID_LIMIT, first
    block = ProducerIdBlock(ProducerId(first), PRODUCER_ID_BLOCK_SIZE)
    return Result((ProducerIdsRecord(broker_id, first + PRODUCER_ID_BLOCK_SIZE),), block)


class ProducerIds:
    """The ids that a broker has left of its block."""

    def __init__(self) -> None:
        self._next = 0
        self._end = 0

    def take(self) -> ProducerId | None:
        """An id that nobody had before, or None when the block is used up."""
        if self._next == self._end:
            return None
        taken = ProducerId(self._next)
        self._next += 1
        return taken

    def refill(self, block: ProducerIdBlock) -> None:
        """Goes on with another block; what was left of the one before is lost."""
        self._next = block.first
        self._end = block.first + block.count
