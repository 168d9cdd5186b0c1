"""The errors of transactions: producers that are fenced, ids that are unknown, transactions in the wrong state.

Lives here: exception classes, as in `errors`, which has the rules. Must not live here: Kafka's numeric codes (see
`wire.errors`) and any recovery.
"""

from __future__ import annotations

from cordwood.model.errors import CordwoodError

# The producer.


class InvalidProducerIdMapping(CordwoodError):
    """The transactional id belongs to another producer id, or is not known (it may have expired)."""

    def __init__(self, transactional_id: str, producer_id: int) -> None:
        super().__init__(f"producer {producer_id} does not hold the transactional id {transactional_id!r}")
        self.transactional_id = transactional_id
        self.producer_id = producer_id


class ProducerFenced(CordwoodError):
    """A newer producer has the transactional id, or the transaction was aborted for taking too long."""

    def __init__(self, transactional_id: str, producer_id: int, current: int, attempted: int) -> None:
        super().__init__(
            f"{transactional_id!r} is at epoch {current} of its producer; producer {producer_id} at {attempted} is fenced"
        )
        self.transactional_id = transactional_id
        self.producer_id = producer_id
        self.current = current
        self.attempted = attempted


class InvalidTransactionTimeout(CordwoodError):
    """The producer asks for longer transactions than the settings allow, or for none at all."""

    def __init__(self, timeout_ms: int, limit_ms: int) -> None:
        super().__init__(
            f"a transaction timeout of {timeout_ms} ms is outside [1, {limit_ms}]; see transaction.max.timeout.ms"
        )
        self.timeout_ms = timeout_ms
        self.limit_ms = limit_ms


# The transaction.


class ConcurrentTransactions(CordwoodError):
    """The last transaction of the id is not over yet: its markers are being written."""

    retriable = True

    def __init__(self, transactional_id: str) -> None:
        super().__init__(f"the last transaction of {transactional_id!r} is not over yet; try again")
        self.transactional_id = transactional_id


class InvalidTransactionEnd(CordwoodError):
    """The transaction cannot be ended so in this state: nothing is under way, or it ended otherwise."""

    def __init__(self, transactional_id: str, state: str, attempted: str) -> None:
        super().__init__(f"{transactional_id!r} is in the state {state}, which allows no {attempted}")
        self.transactional_id = transactional_id
        self.state = state
        self.attempted = attempted


class NotInTransaction(CordwoodError):
    """The partition is not part of the producer's transaction, or that has ended meanwhile: nothing was appended."""

    def __init__(self, partition: str, producer_id: int) -> None:
        super().__init__(f"{partition} is not part of an open transaction of producer {producer_id}")
        self.partition = partition
        self.producer_id = producer_id


class CannotVerify(CordwoodError):
    """Whether the partition is part of the producer's transaction cannot be said now."""

    retriable = True

    def __init__(self, partition: str, reason: str) -> None:
        super().__init__(f"it cannot be verified now that {partition} is part of the transaction: {reason}")
        self.partition = partition
        self.reason = reason


class TransactionAbortable(CordwoodError):
    """The partition is not in the transaction, which can only be aborted; the producer may go on after that."""

    def __init__(self, transactional_id: str, partition: str) -> None:
        super().__init__(f"{partition} is not in the transaction of {transactional_id!r}; abort it")
        self.transactional_id = transactional_id
        self.partition = partition


class TransactionalIdNotFound(CordwoodError):
    """There is no such transactional id."""

    def __init__(self, transactional_id: str) -> None:
        super().__init__(f"there is no transactional id {transactional_id!r}")
        self.transactional_id = transactional_id


class TransactionalIdMissing(CordwoodError):
    """A producer that names no transactional id sent a batch of a transaction, which nobody could end."""

    def __init__(self, partition: str) -> None:
        super().__init__(f"a batch for {partition} is part of a transaction, and the request has no transactional id")
        self.partition = partition


# The coordinator.


class MarkerNotWritten(CordwoodError):
    """The end of a transaction is not in one of its partitions yet: it is tried again."""

    retriable = True

    def __init__(self, partition: str, reason: str) -> None:
        super().__init__(f"the end of a transaction could not be written into {partition}: {reason}")
        self.partition = partition
        self.reason = reason
