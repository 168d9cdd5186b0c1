"""DeleteRecords: moves the beginning of partitions forward."""

from __future__ import annotations

from cordwood.wire.schema import Int16, Int32, Int64, Message, Struct, Versions


class DeleteRecordsPartition(Struct):
    """Where one partition shall begin; -1 is the high watermark."""

    partition_index: Int32 = 0
    offset: Int64 = 0


class DeleteRecordsTopic(Struct):
    """Where the partitions of one topic shall begin."""

    name: str = ""
    partitions: list[DeleteRecordsPartition] = []


class DeleteRecordsRequest(Message):
    """Deletes what lies before an offset. Versions 0 to 2; 2 is flexible."""

    api_key = 21
    versions = Versions(0, 2)
    flexible_from = 2

    topics: list[DeleteRecordsTopic] = []
    timeout_ms: Int32 = 0


class DeleteRecordsPartitionResult(Struct):
    """Where one partition begins now, or an error."""

    partition_index: Int32 = 0
    low_watermark: Int64 = 0
    error_code: Int16 = 0


class DeleteRecordsTopicResult(Struct):
    """The outcome for one topic."""

    name: str = ""
    partitions: list[DeleteRecordsPartitionResult] = []


class DeleteRecordsResponse(Message):
    """The outcome for each partition. Versions 0 to 2."""

    api_key = 21
    versions = Versions(0, 2)
    flexible_from = 2

    throttle_time_ms: Int32 = 0
    topics: list[DeleteRecordsTopicResult] = []
