"""The records that every client sends and every client reads back, and how two of them are compared."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
MEGABYTE = 1_000_000
SMALL_RUN = 20
PAST_MS = 1_700_000_000_123
EVERY_BYTE = bytes(range(256))
# Clocks of two processes of one machine, and time that passes between them.
CLOCK_SLACK_MS = 5_000

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A record as the test means it. `kind` is what a client may be unable to send."""

    kind: str
    value: bytes | None = b"value"
    key: bytes | None = b"key"
    headers: Headers = ()
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One partition of a producer's topic, and how it is written."""

    codec: str = "none"
    acks: str = "all"
    idempotent: bool = True


LANES = (
    *(Lane(codec=codec) for codec in CODECS),
    Lane(acks="0", idempotent=False),
    Lane(acks="1", idempotent=False),
    Lane(acks="all", idempotent=False),
)


def megabyte(seed: int) -> bytes:
    """One million bytes: half noise, half text, so that a codec has something to do and something to leave."""
    noise = random.Random(seed).randbytes(MEGABYTE // 2)
    return noise + (b"the same old song " * MEGABYTE)[: MEGABYTE - len(noise)]


def samples(lane: Lane) -> Iterator[Sample]:
    """The records of a lane: all kinds where codecs are tested, a few where acks are."""
    yield Sample("plain")
    yield Sample("null key", key=None)
    yield Sample("null value", value=None)
    if lane.acks == "all" and lane.idempotent:
        yield Sample("empty key", key=b"")
        yield Sample("empty value", value=b"")
        yield Sample("empty header", headers=(("empty", b""),))
        yield Sample("null header", headers=(("null", None), ("then", b"x")))
        yield Sample("headers", headers=(("one", b"1"), ("twice", b"a"), ("twice", b"b"), ("bytes", b"\xff\xfe\x80")))
        yield Sample("header name", headers=(("naïve-имя", b"1"),))
        yield Sample("timestamp", timestamp_ms=PAST_MS)
        yield Sample("bytes", key=EVERY_BYTE, value=EVERY_BYTE)
        yield Sample("megabyte", value=megabyte(LANES.index(lane)))
    for number in range(SMALL_RUN):
        yield Sample("small", key=b"%d" % (number % 3), value=b"number %d" % number)


def sendable(lane: Lane, cannot_send: frozenset[str]) -> list[Sample]:
    """The samples of a lane, without what a client cannot say."""
    kept = [sample for sample in samples(lane) if sample.kind not in cannot_send]
    if "timestamp" in cannot_send:
        return [replace(sample, timestamp_ms=None) for sample in kept]
    return kept


def request(n: int, topic: str, partition: int, sample: Sample, lane: Lane) -> dict[str, Any]:
    """A sample as a line for `produce`."""
    return {
        "n": n,
        "topic": topic,
        "partition": partition,
        "key": armour(sample.key),
        "value": armour(sample.value),
        "headers": [[name, armour(content)] for name, content in sample.headers],
        "timestamp_ms": sample.timestamp_ms,
        "codec": lane.codec,
        "acks": lane.acks,
        "idempotent": lane.idempotent,
    }


def difference(sample: Sample, offset: int, sent_ms: int, got: Mapping[str, Any]) -> str | None:
    """What was read that was not sent; None when it is the same."""
    expected = {
        "offset": offset,
        "key": armour(sample.key),
        "value": armour(sample.value),
        "headers": [[name, armour(content)] for name, content in sample.headers],
    }
    for name, content in expected.items():
        if got[name] != content:
            return f"{sample.kind}: {name} is {brief(got[name])}, sent was {brief(content)}"
    if sample.timestamp_ms is not None and got["timestamp_ms"] != sample.timestamp_ms:
        return f"{sample.kind}: timestamp is {got['timestamp_ms']}, sent was {sample.timestamp_ms}"
    if sample.timestamp_ms is None and not sent_ms - CLOCK_SLACK_MS <= got["timestamp_ms"] <= now_ms() + CLOCK_SLACK_MS:
        return f"{sample.kind}: timestamp {got['timestamp_ms']} is not of now"
    return None


def brief(content: object) -> str:
    text = repr(content)
    return text if len(text) < 200 else f"{text[:80]}... ({len(text)} characters)"


def armour(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()


def bare(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
