"""The errors that Cordwood raises, typed by what the caller can do about them and carrying the values at hand.

Lives here: exception classes. Must not live here: Kafka's numeric codes (see `wire.errors`) and any recovery.
Every class says in `retriable` whether the same call may succeed later without a change by the caller.
"""

from __future__ import annotations

from typing import ClassVar


class CordwoodError(Exception):
    """Base of every error that Cordwood raises on purpose."""

    retriable: ClassVar[bool] = False


# What a reader or writer asked for cannot be.


class OffsetOutOfRange(CordwoodError):
    """The offset lies outside what the log holds: [start, end)."""

    def __init__(self, attempted: int, start: int, end: int) -> None:
        super().__init__(f"offset {attempted} is outside the log, which holds [{start}, {end}); read from {start}")
        self.attempted = attempted
        self.start = start
        self.end = end


class InvalidBatch(CordwoodError):
    """A batch contradicts itself (length, count, deltas, CRC, magic); nothing of it was written."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"invalid record batch: {reason}")
        self.reason = reason


class CorruptBatch(InvalidBatch):
    """The CRC of a batch does not match its bytes: it was damaged on the way and may be sent again."""

    retriable = True


class UnsupportedCompression(InvalidBatch):
    """A batch names a codec that does not exist."""


class InvalidTimestamp(CordwoodError):
    """A record's timestamp is further from the broker's clock than the log allows."""

    def __init__(self, timestamp_ms: int, low_ms: int, high_ms: int) -> None:
        super().__init__(
            f"timestamp {timestamp_ms} is outside [{low_ms}, {high_ms}]; "
            "see message.timestamp.before.max.ms and message.timestamp.after.max.ms"
        )
        self.timestamp_ms = timestamp_ms
        self.low_ms = low_ms
        self.high_ms = high_ms


class RecordTooLarge(CordwoodError):
    """A batch is larger than the log's limit."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(
            f"a batch of {size_bytes} bytes is over the limit of {limit_bytes}; "
            "send smaller batches or raise max.message.bytes"
        )
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class InvalidRecords(InvalidBatch):
    """Some records of a batch are not what their topic takes; `indexes` are their numbers in the batch."""

    def __init__(self, reason: str, indexes: tuple[int, ...]) -> None:
        super().__init__(f"{reason}: {', '.join(map(str, indexes))}")
        self.reason = reason
        self.indexes = indexes


class DecompressedTooLarge(InvalidBatch):
    """The records of a batch would decompress beyond the bound."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"the records decompress to more than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


# The files or their owner.


class CorruptLog(CordwoodError):
    """Bytes inside a log are damaged, not merely torn at the end; nothing was cut."""

    def __init__(self, path: str, position: int, reason: str) -> None:
        super().__init__(
            f"{path} is corrupt at byte {position}: {reason}; nothing was cut: restore the file or repair the log"
        )
        self.path = path
        self.position = position
        self.reason = reason


class DirectoryLocked(CordwoodError):
    """Another process or object owns the directory."""

    def __init__(self, path: str, owner: str) -> None:
        super().__init__(f"{path} is owned by {owner}; stop it, or choose another directory")
        self.path = path
        self.owner = owner


class StorageFailed(CordwoodError):
    """The operating system failed a file operation; the log takes no more writes until it is opened again."""

    retriable = True

    def __init__(self, path: str, operation: str, cause: BaseException) -> None:
        super().__init__(f"{operation} of {path} failed: {cause}")
        self.path = path
        self.operation = operation
        self.cause = cause


class DiskFull(StorageFailed):
    """There is no room for the write; nothing of it was kept, and it may be tried again when there is room."""


class OutOfFiles(DiskFull):
    """No more files can be opened: like room on the disk they come back, and the operation may be tried again."""


class LogClosed(CordwoodError):
    """The log was closed, or deleted under its user."""

    def __init__(self, path: str) -> None:
        super().__init__(f"the log in {path} is closed")
        self.path = path


class SegmentDeleted(CordwoodError):
    """The segment under a reader was deleted by retention or truncation; what was read before is right."""

    def __init__(self, path: str, offset: int) -> None:
        super().__init__(f"the segment {path}, which held offset {offset}, was deleted while it was read")
        self.path = path
        self.offset = offset


# Idempotent and transactional producers.


class OutOfOrderSequence(CordwoodError):
    """A producer's batch does not follow its last one: some were lost on the way."""

    def __init__(self, producer_id: int, expected: int, attempted: int) -> None:
        super().__init__(f"producer {producer_id} sent sequence {attempted} where {expected} was expected")
        self.producer_id = producer_id
        self.expected = expected
        self.attempted = attempted


class InvalidProducerEpoch(CordwoodError):
    """The producer's epoch is older than the one the log knows: a newer incarnation has fenced it."""

    def __init__(self, producer_id: int, current: int, attempted: int) -> None:
        super().__init__(f"producer {producer_id} has epoch {current}; {attempted} is fenced")
        self.producer_id = producer_id
        self.current = current
        self.attempted = attempted


class OutsideOfTransaction(CordwoodError):
    """A producer sent a batch that is not transactional while its transaction in the partition is open."""

    def __init__(self, producer_id: int, transaction_start: int) -> None:
        super().__init__(
            f"producer {producer_id} has a transaction open since offset {transaction_start}; "
            "end it before you send a batch outside of it"
        )
        self.producer_id = producer_id
        self.transaction_start = transaction_start


class TransactionCoordinatorFenced(CordwoodError):
    """The end of a transaction comes from a coordinator that another one has followed."""

    def __init__(self, producer_id: int, current: int, attempted: int) -> None:
        super().__init__(
            f"the transactions of producer {producer_id} are ended by the coordinator of epoch {current}; "
            f"{attempted} is fenced"
        )
        self.producer_id = producer_id
        self.current = current
        self.attempted = attempted


# Topics, partitions and settings.


class UnknownTopic(CordwoodError):
    """There is no such topic or partition."""

    retriable = True

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no topic or partition {name}")
        self.name = name


class UnknownTopicId(CordwoodError):
    """There is no topic with this id."""

    retriable = True

    def __init__(self, topic_id: bytes) -> None:
        super().__init__(f"there is no topic with id {topic_id.hex()}")
        self.topic_id = topic_id


class NotLeader(CordwoodError):
    """The partition is another broker's to lead."""

    retriable = True

    def __init__(self, partition: str, leader: int) -> None:
        who = f"broker {leader} leads it" if leader >= 0 else "no broker leads it now"
        super().__init__(f"this broker does not lead {partition}, {who}; refresh metadata")
        self.partition = partition
        self.leader = leader


class TopicExists(CordwoodError):
    """A topic of this name exists already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"topic {name} exists already")
        self.name = name


class InvalidTopicName(CordwoodError):
    """The name cannot be a topic's: see the message."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"topic name {name!r} is not valid: {reason}")
        self.name = name
        self.reason = reason


class InvalidPartitions(CordwoodError):
    """The number of partitions is not possible."""


class InvalidReplicationFactor(CordwoodError):
    """The replication factor is not possible."""


class InvalidReplicaAssignment(CordwoodError):
    """The replica assignment is not possible."""


class InvalidConfig(CordwoodError):
    """A setting is unknown or its value is out of range."""


class InvalidRequest(CordwoodError):
    """A request contradicts itself."""


class UnsupportedVersion(CordwoodError):
    """The client's version of a request cannot say what is needed here."""


class PolicyViolation(CordwoodError):
    """The request is against the rules of this broker."""


class ThrottlingQuotaExceeded(CordwoodError):
    """The client changed more partitions than its quota allows, and has to wait before it changes more (KIP-599)."""

    retriable = True

    def __init__(self, throttle_ms: int) -> None:
        super().__init__(f"the quota controller_mutation_rate has been exceeded; try again in {throttle_ms} ms")
        self.throttle_ms = throttle_ms


class TopicDeletionDisabled(CordwoodError):
    """The broker's configuration forbids to delete topics."""

    def __init__(self) -> None:
        super().__init__("topics cannot be deleted here: delete.topic.enable is false")


class InvalidMetadata(CordwoodError):
    """The cluster's metadata cannot be read, or its records contradict each other."""


class WrongCluster(CordwoodError):
    """The data on disk belong to another cluster than the configuration names."""

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(
            f"the data belong to cluster {found}, the configuration names {wanted}; "
            "take other data directories, or correct cluster.id"
        )
        self.found = found
        self.wanted = wanted


class FencedLeaderEpoch(CordwoodError):
    """The client knows an older leader than the broker."""

    retriable = True

    def __init__(self, current: int, attempted: int) -> None:
        super().__init__(f"leader epoch is {current}, the request names the older {attempted}; refresh metadata")
        self.current = current
        self.attempted = attempted


class UnknownLeaderEpoch(CordwoodError):
    """The client knows a newer leader than the broker."""

    retriable = True

    def __init__(self, current: int, attempted: int) -> None:
        super().__init__(f"leader epoch is {current}, the request names the newer {attempted}; try again")
        self.current = current
        self.attempted = attempted


class NotEnoughReplicas(CordwoodError):
    """Fewer replicas are in sync than min.insync.replicas asks for; nothing was written."""

    retriable = True

    def __init__(self, partition: str, in_sync: int, wanted: int) -> None:
        super().__init__(f"{partition} has {in_sync} replica in sync, min.insync.replicas asks for {wanted}")
        self.partition = partition
        self.in_sync = in_sync
        self.wanted = wanted


class ProtocolError(CordwoodError):
    """A peer sent bytes that are not a request we can read; its connection is closed."""
