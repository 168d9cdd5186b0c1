"""What it costs to read and write one message: `python bench/wire_codec.py`.

Prints microseconds a call, the best of several rounds, for the messages on the hot roads and for a few large ones.
"""

from __future__ import annotations

from collections.abc import Callable
from timeit import Timer

from cordwood.wire.compiler import decoder, encode_message, encoder
from cordwood.wire.frame import join, response_frame
from cordwood.wire.messages.fetch import (
    FetchableTopicResponse,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    FetchTopic,
    PartitionData,
)
from cordwood.wire.messages.heartbeat import HeartbeatRequest
from cordwood.wire.messages.metadata import (
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from cordwood.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from cordwood.wire.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
    TopicProduceResponse,
)
from cordwood.wire.schema import Message

ROUNDS = 7


def microseconds(call: Callable[[], object]) -> float:
    """The best time of one call among several rounds."""
    timer = Timer(call)
    count, _ = timer.autorange()
    return min(timer.repeat(ROUNDS, max(count // 10, 1))) / max(count // 10, 1) * 1e6


def report(title: str, message: Message, version: int) -> None:
    """Prints the cost of both directions for a message at a version."""
    write, read = encoder(type(message), version), decoder(type(message), version)
    wire = memoryview(bytearray(join(encode_message(message, version))))
    cost_write = microseconds(lambda: write(message, []))
    cost_read = microseconds(lambda: read(wire, 0))
    print(f"{title:44} v{version:<3} {len(wire):>9} B   encode {cost_write:8.2f} µs   decode {cost_read:8.2f} µs")


def produce_request(size: int) -> ProduceRequest:
    """One batch for one partition."""
    data = [PartitionProduceData(index=0, records=memoryview(bytes(size)))]
    return ProduceRequest(acks=-1, timeout_ms=30000, topic_data=[TopicProduceData(name="orders", partition_data=data)])


def produce_response(partitions: int) -> ProduceResponse:
    """The answer for some partitions of one topic."""
    answers = [PartitionProduceResponse(index=index, base_offset=1 << 40) for index in range(partitions)]
    return ProduceResponse(responses=[TopicProduceResponse(name="orders", partition_responses=answers)])


def fetch_request(partitions: int) -> FetchRequest:
    """A consumer's request for some partitions of one topic."""
    wanted = [FetchPartition(partition=index, partition_max_bytes=1 << 20) for index in range(partitions)]
    return FetchRequest(max_wait_ms=500, min_bytes=1, topics=[FetchTopic(topic="orders", partitions=wanted)])


def fetch_response(partitions: int) -> FetchResponse:
    """The answer with a megabyte for each partition."""
    records = memoryview(bytes(1 << 20))
    data = [PartitionData(partition_index=index, high_watermark=9, records=records) for index in range(partitions)]
    return FetchResponse(responses=[FetchableTopicResponse(topic="orders", partitions=data)])


def metadata_response(topics: int) -> MetadataResponse:
    """Three brokers, and topics of twelve partitions with three replicas."""
    nodes = [1, 2, 3]
    partitions = [
        MetadataResponsePartition(partition_index=index, leader_id=1, replica_nodes=nodes, isr_nodes=nodes)
        for index in range(12)
    ]
    return MetadataResponse(
        brokers=[MetadataResponseBroker(node_id=node, host="127.0.0.1", port=9092) for node in nodes],
        topics=[MetadataResponseTopic(name=f"topic-{index}", partitions=partitions) for index in range(topics)],
    )


def offset_commit_request(partitions: int) -> OffsetCommitRequest:
    """A member's commit for some partitions of one topic."""
    offsets = [OffsetCommitRequestPartition(index, 1 << 40, 5, "") for index in range(partitions)]
    topics = [OffsetCommitRequestTopic("orders", partitions=offsets)]
    return OffsetCommitRequest("billing", 5, "consumer-1-0123456789abcdef", topics=topics)


def main() -> None:
    """Prints the table."""
    for version in (7, 9, 13):
        report("Produce request, 100 B", produce_request(100), version)
    report("Produce request, 1 MiB", produce_request(1 << 20), 9)
    for version in (7, 9, 13):
        report("Produce response, 1 partition", produce_response(1), version)
    report("Produce response, 12 partitions", produce_response(12), 9)
    for version in (11, 16):
        report("Fetch request, 1 partition", fetch_request(1), version)
        report("Fetch response, 1 partition of 1 MiB", fetch_response(1), version)
    report("Fetch request, 12 partitions", fetch_request(12), 16)
    report("Fetch response, 12 partitions of 1 MiB", fetch_response(12), 16)
    report("Metadata response, 100 topics, 12 partitions", metadata_response(100), 12)
    for version in (3, 4):
        report("Heartbeat request", HeartbeatRequest("billing", 5, "consumer-1-0123456789abcdef"), version)
    for version in (3, 9):
        report("OffsetCommit request, 1 partition", offset_commit_request(1), version)
        report("OffsetCommit request, 12 partitions", offset_commit_request(12), version)
    answer = produce_response(1)
    print(f"whole Produce response frame, v9: {microseconds(lambda: response_frame(0, 9, 7, answer)):.2f} µs")


if __name__ == "__main__":
    main()
