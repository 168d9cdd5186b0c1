"""AlterReplicaLogDirs: moves replicas between the data directories of a broker."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Message, Struct, Versions


class AlterReplicaLogDirTopic(Struct):
    """Partitions of one topic."""

    name: str = ""
    partitions: list[Int32] = []


class AlterReplicaLogDir(Struct):
    """A directory, and what it is to hold."""

    path: str = ""
    topics: list[AlterReplicaLogDirTopic] = []


class AlterReplicaLogDirsRequest(Message):
    """Moves replicas (KIP-113). Versions 1 to 2; 2 is flexible."""

    api_key = 34
    versions = Versions(1, 2)
    flexible_from = 2

    dirs: list[AlterReplicaLogDir] = []


class AlterReplicaLogDirPartitionResult(Struct):
    """The outcome for one partition."""

    partition_index: Int32 = 0
    error_code: Int16 = 0


class AlterReplicaLogDirTopicResult(Struct):
    """The outcomes of one topic."""

    topic_name: str = ""
    partitions: list[AlterReplicaLogDirPartitionResult] = []


class AlterReplicaLogDirsResponse(Message):
    """The outcome for each partition. Versions 1 to 2."""

    api_key = 34
    versions = Versions(1, 2)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    results: list[AlterReplicaLogDirTopicResult] = []
