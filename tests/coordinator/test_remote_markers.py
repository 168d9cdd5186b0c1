"""Markers are sent as WriteTxnMarkers, and each has its own outcome."""

from __future__ import annotations

import pytest

from cordwood.coordinator.marker_routes import Outcomes, Sent
from cordwood.coordinator.remote_markers import ChannelMarkers, request_of
from cordwood.coordinator.transaction_marker import TransactionMarker
from cordwood.model.errors import InvalidProducerEpoch
from cordwood.model.ids import BrokerId, TopicPartition
from cordwood.model.peer_errors import PeerUnavailable
from cordwood.model.transaction_errors import MarkerNotWritten
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopic,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from cordwood.wire.schema import Message

ONE, OTHER = TransactionMarker(7, 3, True, 5, 2), TransactionMarker(8, 0, False, 5)
MARKERS = [
    Sent(TopicPartition("orders", 0), ONE),
    Sent(TopicPartition("orders", 2), ONE),
    Sent(TopicPartition("payments", 1), ONE),
    Sent(TopicPartition("orders", 0), OTHER),
]


def answer(code: int, *topics: tuple[str, int], producer_id: int = 7) -> WritableTxnMarkerResult:
    return WritableTxnMarkerResult(
        producer_id=producer_id,
        topics=[
            WritableTxnMarkerTopicResult(
                name=name, partitions=[WritableTxnMarkerPartitionResult(partition_index=index, error_code=code)]
            )
            for name, index in topics
        ],
    )


async def outcomes(response: WriteTxnMarkersResponse) -> Outcomes:
    async def ask(broker: BrokerId, message: Message, version: int) -> Message:
        assert (broker, message, version) == (2, request_of(MARKERS), 2)
        return response

    return await ChannelMarkers(ask).write_markers(BrokerId(2), MARKERS)


def test_partitions_are_gathered_by_marker_and_topic():
    assert request_of(MARKERS) == WriteTxnMarkersRequest(
        markers=[
            WritableTxnMarker(
                producer_id=7,
                producer_epoch=3,
                transaction_result=True,
                topics=[
                    WritableTxnMarkerTopic(name="orders", partition_indexes=[0, 2]),
                    WritableTxnMarkerTopic(name="payments", partition_indexes=[1]),
                ],
                coordinator_epoch=5,
                transaction_version=2,
            ),
            WritableTxnMarker(
                producer_id=8,
                producer_epoch=0,
                transaction_result=False,
                topics=[WritableTxnMarkerTopic(name="orders", partition_indexes=[0])],
                coordinator_epoch=5,
                transaction_version=0,
            ),
        ]
    )


@pytest.mark.asyncio
async def test_each_marker_has_its_outcome() -> None:
    found = await outcomes(
        WriteTxnMarkersResponse(
            markers=[
                answer(ErrorCode.INVALID_PRODUCER_EPOCH, ("orders", 0), producer_id=8),
                answer(ErrorCode.NONE, ("orders", 0), ("payments", 1)),
                answer(ErrorCode.NOT_LEADER_OR_FOLLOWER, ("orders", 2)),
            ]
        )
    )
    assert [found[MARKERS[0]], found[MARKERS[2]]] == [None, None]
    assert isinstance(found[MARKERS[3]], InvalidProducerEpoch)
    assert isinstance(found[MARKERS[1]], MarkerNotWritten)
    assert "broker 2 answered NOT_LEADER_OR_FOLLOWER" in str(found[MARKERS[1]])


@pytest.mark.asyncio
async def test_what_the_answer_does_not_say_is_not_written() -> None:
    found = await outcomes(WriteTxnMarkersResponse(markers=[answer(999, ("orders", 0), ("orders", 2))]))
    assert "broker 2 answered 999" in str(found[MARKERS[0]])
    assert "broker 2 did not say" in str(found[MARKERS[2]])
    assert "broker 2 did not say" in str(found[MARKERS[3]])


@pytest.mark.asyncio
async def test_a_broker_that_does_not_answer() -> None:
    gone = PeerUnavailable(2, "it sleeps")

    async def ask(broker: BrokerId, message: Message, version: int) -> Message:
        raise gone

    assert await ChannelMarkers(ask).write_markers(BrokerId(2), MARKERS) == dict.fromkeys(MARKERS, gone)
