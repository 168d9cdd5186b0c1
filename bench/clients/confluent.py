"""confluent-kafka from Python as a load client: `python -m bench.clients.confluent produce|consume ADDRESS TOPIC N SIZE`.

Written as its documentation shows, but for one setting: a Python program is what most people will point at the broker.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

_POLL_EVERY = 1_000
_BATCH = 10_000
_PATIENCE_S = 20.0


def produce(address: str, topic: str, messages: int, size: int) -> float:
    """Produces to partition 0 with acks=all and returns the seconds until everything is acknowledged."""
    producer = Producer({"bootstrap.servers": address, "acks": "all", "queue.buffering.max.messages": 500_000})
    value = b"x" * size
    began = time.monotonic()
    for number in range(messages):
        while True:
            try:
                producer.produce(topic, value, partition=0)
                break
            except BufferError:
                producer.poll(0.01)
        if not number % _POLL_EVERY:
            producer.poll(0)
    left = producer.flush(60)
    if left:
        sys.exit(f"{left} messages were not acknowledged")
    return time.monotonic() - began


def consume(address: str, topic: str, messages: int, size: int) -> float:
    """Consumes partition 0 from the beginning in batches and returns the seconds since the first message came."""
    consumer = Consumer(
        {
            "bootstrap.servers": address,
            "group.id": "bench",
            "enable.auto.commit": False,
            # The default is a whole second without fetching whenever 100 000 messages are queued, that is whenever the
            # broker is faster than this program: it would measure the waiting.
            "fetch.queue.backoff.ms": 5,
        }
    )
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    began, count = 0.0, 0
    while count < messages:
        # The first call takes one message only, so that the clock starts when data starts to come.
        batch = consumer.consume(min(_BATCH, messages - count) if began else 1, _PATIENCE_S)
        if not batch:
            sys.exit(f"no more after {count} of {messages} messages")
        began = began or time.monotonic()
        for message in batch:
            if message.error():
                sys.exit(str(message.error()))
            value = message.value()
            if value is None or len(value) != size:
                sys.exit(f"not a message of {size} bytes at offset {message.offset()}")
        count += len(batch)
    seconds = time.monotonic() - began
    consumer.close()
    return seconds


_WORK: dict[str, Callable[[str, str, int, int], float]] = {"produce": produce, "consume": consume}


def main() -> None:
    """Does the work named on the command line and prints the line of a generator."""
    work, address, topic, messages, size = sys.argv[1:]
    count = int(messages)
    seconds = _WORK[work](address, topic, count, int(size))
    outcome = {
        "messages": count,
        "failed": 0,
        "seconds": seconds,
        "messages_per_s": count / seconds,
        "mb_per_s": count * int(size) / seconds / 1e6,
        "client_cpu_s": time.process_time(),
    }
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
