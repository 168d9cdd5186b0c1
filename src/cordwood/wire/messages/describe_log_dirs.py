"""DescribeLogDirs: which partitions lie in which data directory, and how large they are."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Int64, Message, Struct, Versions, since


class DescribableLogDirTopic(Struct):
    """A topic, and which of its partitions."""

    topic: str = ""
    partitions: list[Int32] = []


class DescribeLogDirsRequest(Message):
    """Asks for the sizes of partitions; null means all. Versions 1 to 5; 2 is flexible."""

    api_key = 35
    versions = Versions(1, 5)
    flexible_from = 2

    topics: list[DescribableLogDirTopic] | None = None


class DescribeLogDirsPartition(Struct):
    """The size of one partition in the directory."""

    partition_index: Int32 = 0
    partition_size: Int64 = 0
    offset_lag: Int64 = 0
    is_future_key: bool = False


class DescribeLogDirsTopic(Struct):
    """The partitions of one topic in the directory."""

    name: str = ""
    partitions: list[DescribeLogDirsPartition] = []


class DescribeLogDirsResult(Struct):
    """One data directory."""

    error_code: Int16 = 0
    log_dir: str = ""
    topics: list[DescribeLogDirsTopic] = []
    total_bytes: Annotated[Int64, since(4)] = -1
    usable_bytes: Annotated[Int64, since(4)] = -1
    is_cordoned: Annotated[bool, since(5)] = False


class DescribeLogDirsResponse(Message):
    """The data directories. Versions 1 to 5.

    Version 4 adds the room on the volume, 5 whether the directory is cordoned.
    """

    api_key = 35
    versions = Versions(1, 5)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    error_code: Annotated[Int16, since(3)] = 0
    results: list[DescribeLogDirsResult] = []
