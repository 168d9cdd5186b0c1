"""WriteTxnMarkers: a coordinator tells the leaders of partitions how a transaction ended."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int8, Int16, Int32, Int64, Message, Struct, Versions, since


class WritableTxnMarkerTopic(Struct):
    """Partitions of one topic."""

    name: str = ""
    partition_indexes: list[Int32] = []


class WritableTxnMarker(Struct):
    """The end of one producer's transaction."""

    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    transaction_result: bool = False
    topics: list[WritableTxnMarkerTopic] = []
    coordinator_epoch: Int32 = 0
    transaction_version: Annotated[Int8, since(2)] = 0


class WriteTxnMarkersRequest(Message):
    """Writes markers. Versions 1 to 2, both flexible; 2 tells which version of transactions it is (KIP-890)."""

    api_key = 27
    versions = Versions(1, 2)
    flexible_from = 1

    markers: list[WritableTxnMarker] = []


class WritableTxnMarkerPartitionResult(Struct):
    """The outcome for one partition."""

    partition_index: Int32 = 0
    error_code: Int16 = 0


class WritableTxnMarkerTopicResult(Struct):
    """The outcomes of one topic."""

    name: str = ""
    partitions: list[WritableTxnMarkerPartitionResult] = []


class WritableTxnMarkerResult(Struct):
    """The outcomes of one producer."""

    producer_id: Int64 = 0
    topics: list[WritableTxnMarkerTopicResult] = []


class WriteTxnMarkersResponse(Message):
    """The outcome for each partition. Versions 1 to 2."""

    api_key = 27
    versions = Versions(1, 2)
    flexible_from = 1

    markers: list[WritableTxnMarkerResult] = []
