"""InitProducerId: the number and epoch of an idempotent or transactional producer."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Int64, Message, Versions, since


class InitProducerIdRequest(Message):
    """Asks for a producer id, or for the next epoch of one. Versions 0 to 5; 2 is flexible.

    Without a transactional id the producer is merely idempotent. Version 3 may name the id and epoch held so far
    (KIP-360). Version 6 (two-phase commit) is not stable in Kafka 4.3.
    """

    api_key = 22
    versions = Versions(0, 5)
    flexible_from = 2

    transactional_id: str | None = None
    transaction_timeout_ms: Int32 = 0
    producer_id: Annotated[Int64, since(3)] = -1
    producer_epoch: Annotated[Int16, since(3)] = -1


class InitProducerIdResponse(Message):
    """The producer id and epoch. Versions 0 to 5."""

    api_key = 22
    versions = Versions(0, 5)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    producer_id: Int64 = -1
    producer_epoch: Int16 = 0
