"""Markers to the partitions that another broker leads: WriteTxnMarkers, and what its answer means.

Lives here: one request and its answer. Must not live here: which broker, and whether it is asked again (`marker_routes`,
`markers`), connections (peers).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeAlias

from cordwood.coordinator.marker_routes import Outcomes, Sent
from cordwood.coordinator.transaction_marker import TransactionMarker
from cordwood.model.errors import CordwoodError, InvalidProducerEpoch
from cordwood.model.ids import BrokerId, TopicPartition
from cordwood.model.transaction_errors import MarkerNotWritten
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from cordwood.wire.schema import Message

VERSION: Final = 2

Ask: TypeAlias = Callable[[BrokerId, Message, int], Awaitable[Message]]
"""The answer of a broker to a request of a version. Raises CordwoodError if there is none."""

Codes: TypeAlias = dict[tuple[int, TopicPartition], int]
"""What a broker says, by producer id and partition."""


class ChannelMarkers:
    """A `Remote` over whatever brings requests to other brokers."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def write_markers(self, broker: BrokerId, markers: Sequence[Sent]) -> Outcomes:
        """None for each marker that is durable there, or its error. Raises nothing."""
        try:
            response = await self._ask(broker, request_of(markers), VERSION)
        except CordwoodError as error:
            return dict.fromkeys(markers, error)
        assert isinstance(response, WriteTxnMarkersResponse), response
        codes = _codes(response)
        return {sent: _outcome(broker, sent, codes) for sent in markers}


def request_of(markers: Iterable[Sent]) -> WriteTxnMarkersRequest:
    """The request: partitions by marker and topic, in the order in which they are given."""
    by_marker: dict[TransactionMarker, dict[str, list[int]]] = {}
    for (topic, index), marker in markers:
        by_marker.setdefault(marker, {}).setdefault(topic, []).append(index)
    return WriteTxnMarkersRequest(
        markers=[
            WritableTxnMarker(
                producer_id=marker.producer_id,
                producer_epoch=marker.producer_epoch,
                transaction_result=marker.committed,
                topics=[WritableTxnMarkerTopic(name=name, partition_indexes=found) for name, found in topics.items()],
                coordinator_epoch=marker.coordinator_epoch,
                transaction_version=marker.client_version,
            )
            for marker, topics in by_marker.items()
        ]
    )


def _codes(response: WriteTxnMarkersResponse) -> Codes:
    return {
        (marker.producer_id, TopicPartition(topic.name, partition.partition_index)): partition.error_code
        for marker in response.markers
        for topic in marker.topics
        for partition in topic.partitions
    }


def _outcome(broker: BrokerId, sent: Sent, codes: Codes) -> CordwoodError | None:
    marker = sent.marker
    code = codes.get((marker.producer_id, sent.name))
    if code is None:
        return MarkerNotWritten(str(sent.name), f"broker {broker} did not say what became of it")
    if code == ErrorCode.NONE:
        return None
    if code == ErrorCode.INVALID_PRODUCER_EPOCH:  # The answer does not say which epoch it is at: a later one.
        return InvalidProducerEpoch(marker.producer_id, marker.producer_epoch + 1, marker.producer_epoch)
    names = ErrorCode.__members__.values()
    told = ErrorCode(code).name if code in names else str(code)
    return MarkerNotWritten(str(sent.name), f"broker {broker} answered {told}")
