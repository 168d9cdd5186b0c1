"""What is asked of the coordinator, without the wire versions of the requests.

Lives here: the commands. Must not live here: what comes of them. What a request's version decides is a field of its
own, so that nobody below the handlers knows versions.
"""

from __future__ import annotations

import msgspec

from cordwood.model.ids import NO_PRODUCER_ID, TopicPartition
from cordwood.txns.epochs import NO_EPOCH


class Command(msgspec.Struct, frozen=True):
    """Something about one transactional id."""

    transactional_id: str


class ProducerCommand(Command, frozen=True):
    """What a producer asks under the id and epoch that it was given."""

    producer_id: int
    producer_epoch: int


class InitProducerId(Command, frozen=True):
    """Makes the asker the only producer of the id. Answered by a Producer, or an error."""

    timeout_ms: int
    producer_id: int = NO_PRODUCER_ID
    """What the asker holds, if it wants to go on after an error (KIP-360); so with the epoch."""
    producer_epoch: int = NO_EPOCH
    fresh_producer_id: int = NO_PRODUCER_ID
    """A producer id that nobody had before, where `Shard.needs_producer_id` asks for one."""
    knows_fencing: bool = True
    """Whether the asker understands PRODUCER_FENCED (since version 4); INVALID_PRODUCER_EPOCH otherwise."""


class AddPartitions(ProducerCommand, frozen=True):
    """Takes partitions into the transaction, which begins with the first. Answered by None, or an error.

    Offsets in a transaction are a partition of `__consumer_offsets`.
    """

    partitions: frozenset[TopicPartition]
    client_version: int = 0
    """2 when the broker adds for a producer of KIP-890, and 0 when the producer asks by itself."""
    knows_fencing: bool = True
    """Since version 2, of AddOffsetsToTxn as well."""


class VerifyPartitions(ProducerCommand, frozen=True):
    """Asks whether partitions are in the transaction (KIP-890, part 1). Answered by a Verified, or an error."""

    partitions: frozenset[TopicPartition]
    knows_fencing: bool = True


class EndTransaction(ProducerCommand, frozen=True):
    """Commits or aborts. Answered by the Producer to go on as, or an error."""

    committed: bool
    client_version: int = 0
    """2 for EndTxn 5: the epoch is counted up, and aborting nothing is allowed."""
    fresh_producer_id: int = NO_PRODUCER_ID
    """As in InitProducerId."""
    knows_fencing: bool = True
    """Since version 2."""


class MarkersWritten(ProducerCommand, frozen=True):
    """Says that each partition of a transaction has its marker, and that those are durable. Answered by None.

    The id and epoch are those of the markers; if the transaction is another one by now, nothing changes.
    """
