"""Many partitions: creating a thousand topics of ten, asking for them, what an idle one costs, and starting with them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Final

from bench import procfs
from bench.conversation import Conversation
from bench.generator import BenchError
from bench.lab import Lab
from bench.results import Row, Setting
from bench.subjects.base import Subject
from bench.subjects.kafka_protocol import KafkaProtocolSubject
from cordwood.records.builder import build_values
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from cordwood.wire.messages.describe_topic_partitions import DescribeTopicPartitionsRequest
from cordwood.wire.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from cordwood.wire.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)

NAME: Final = "partitions"
DOCUMENT: Final = "1,000 topics of 10 partitions: creation, Metadata, memory and open files of idle ones, start-up"

PARTITIONS: Final = 10
_TOPICS: Final = 1000
_QUICK_TOPICS: Final = 100
_TOPICS_A_REQUEST: Final = (1, 50)
"""Half of the topics are created one by one, the other half by requests of so many."""

_IDLE_MS: Final = 5_000
_SETTINGS: Final = {"cordwood": {"log.idle.ms": str(_IDLE_MS)}}
"""The default is a minute, for which nobody wants to wait here."""

_ASKS: Final = 50
_VALUE: Final = bytes(100)
_START_S: Final = 300.0
_POLL_S: Final = 0.02
_SETTLED_S: Final = 8.0
_SETTLING_S: Final = 180.0

LATEST: Final = -1
CREATE: Final = 5
LIST_OFFSETS: Final = 5
METADATA: Final = 9
DESCRIBE: Final = 0
PRODUCE: Final = 8
"""Versions that Kafka 3 and 4 and Cordwood have."""


def run(lab: Lab) -> None:
    """Two rows for each server: partitions that nobody ever touched, and with a message in each."""
    names = [f"topic-{number:04}" for number in range(_QUICK_TOPICS if lab.profile.quick else _TOPICS)]
    for kind, policy in lab.once():
        if not issubclass(kind, KafkaProtocolSubject):
            continue
        subject = lab.fresh(kind, policy)
        subject.settings.update(_SETTINGS.get(kind.name, {}))
        try:
            with lab.tolerating(NAME, subject.label):
                _take(lab, subject, names)
        finally:
            subject.remove()


def _take(lab: Lab, subject: Subject, names: Sequence[str]) -> None:
    lab.say(f"{NAME}: {subject.label}, creating {len(names)} topics")
    _start(subject, ())
    before = _settled(subject)
    untouched = _created(subject, names)
    untouched |= _idle(subject, before, len(names) * PARTITIONS) | _answers(subject, names)
    lab.say(f"{NAME}: {subject.label}, starting with untouched partitions")
    untouched |= _restarts(subject, names, lambda: None)
    lab.say(f"{NAME}: {subject.label}, writing to each")
    written = {"write_per_s": _write(subject, names)}
    written |= _idle(subject, before, len(names) * PARTITIONS)
    lab.say(f"{NAME}: {subject.label}, starting with a message in each")
    written |= _restarts(subject, names, lambda: _write(subject, names))
    for state, values in (("untouched", untouched), ("written", written)):
        setting: Setting = {"partitions": len(names) * PARTITIONS, "state": state}
        lab.results.rows.append(Row(NAME, subject.name, subject.policy, setting, values, 1))


# What it is put through.


def _created(subject: Subject, names: Sequence[str]) -> dict[str, float]:
    """Partitions a second, by requests of one topic and of many, asked one after the other."""
    half = len(names) // 2
    values = {}
    with Conversation(subject.port) as server:
        for topics, count in zip((names[:half], names[half:]), _TOPICS_A_REQUEST, strict=True):
            began = time.monotonic()
            for start in range(0, len(topics), count):
                _create(server, topics[start : start + count])
            values[f"create_{count}_per_s"] = len(topics) * PARTITIONS / (time.monotonic() - began)
    return values


def _create(server: Conversation, topics: Sequence[str]) -> None:
    wanted = [CreatableTopic(name=name, num_partitions=PARTITIONS, replication_factor=1) for name in topics]
    answer = server.ask(CreateTopicsRequest(topics=wanted, timeout_ms=60_000), CREATE, CreateTopicsResponse)
    for topic in answer.topics:
        if topic.error_code:
            raise BenchError(f"topic {topic.name} cannot be created: error {topic.error_code}")


def _answers(subject: Subject, names: Sequence[str]) -> dict[str, float]:
    """Milliseconds that answers took."""
    one = MetadataRequest(topics=[MetadataRequestTopic(name=names[-1])], allow_auto_topic_creation=False)
    described = DescribeTopicPartitionsRequest(response_partition_limit=2_000)
    with Conversation(subject.port) as server:
        return {
            "all_ms": _ms(lambda: server.frame(MetadataRequest(topics=None), METADATA)),
            "one_ms": _ms(lambda: server.frame(one, METADATA)),
            "describe_ms": _ms(lambda: server.frame(described, DESCRIBE)),
        }


def _ms(ask: Callable[[], object]) -> float:
    taken = []
    for _ in range(_ASKS):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return median(taken) * 1e3


def _write(subject: Subject, names: Sequence[str]) -> float:
    """One message to each partition, a topic a request; partitions a second."""
    records = memoryview(build_values([_VALUE], int(time.time() * 1000), 0, -1))
    partitions = [PartitionProduceData(index=index, records=records) for index in range(PARTITIONS)]
    began = time.monotonic()
    with Conversation(subject.port) as server:
        for name in names:
            topic = TopicProduceData(name=name, partition_data=partitions)
            request = ProduceRequest(acks=-1, timeout_ms=60_000, topic_data=[topic])
            answer = server.ask(request, PRODUCE, ProduceResponse)
            errors = {one.error_code for topic in answer.responses for one in topic.partition_responses} - {0}
            if errors:
                raise BenchError(f"{name} takes no message: errors {sorted(errors)}")
    return len(names) * PARTITIONS / (time.monotonic() - began)


# What it costs.


def _settled(subject: Subject) -> tuple[procfs.Usage, int]:
    """Memory and open files when nothing happens any more: files are closed some time after they were used."""
    files, since = procfs.open_files(subject.pid), time.monotonic()
    deadline = since + _SETTLING_S
    while time.monotonic() - since < _SETTLED_S and time.monotonic() < deadline:
        time.sleep(1.0)
        now = procfs.open_files(subject.pid)
        if now != files:
            files, since = now, time.monotonic()
    return subject.usage(), files


def _idle(subject: Subject, before: tuple[procfs.Usage, int], partitions: int) -> dict[str, float]:
    usage, files = _settled(subject)
    return {
        "idle_bytes": (usage.anonymous_mb - before[0].anonymous_mb) * 1e6 / partitions,
        "open_files": files - before[1],
    }


def _restarts(subject: Subject, names: Sequence[str], write: Callable[[], object]) -> dict[str, float]:
    """Seconds of a stop, and of the starts after it and after a kill, until all partitions are led."""
    began = time.monotonic()
    subject.stop()
    values: dict[str, float] = {"stop_s": time.monotonic() - began, "clean_start_s": _start(subject, names)}
    write()
    subject.kill()
    return {**values, "killed_start_s": _start(subject, names)}


def _start(subject: Subject, names: Sequence[str]) -> float:
    """Starts it; seconds until it leads all partitions of these topics."""
    subject.directory.mkdir(parents=True, exist_ok=True)
    subject.prepare()
    began = time.monotonic()
    subject.launch()
    while not _leads(subject, names):
        if time.monotonic() - began > _START_S:
            raise BenchError(f"{subject.label} does not lead all partitions after {_START_S:.0f} s")
        time.sleep(_POLL_S)
    return time.monotonic() - began


def _leads(subject: Subject, names: Sequence[str]) -> bool:
    """Whether it tells the end of each partition, which only the leader does, and not before it has the log."""
    asked = [ListOffsetsPartition(partition_index=index, timestamp=LATEST) for index in range(PARTITIONS)]
    topics = [ListOffsetsTopic(name=name, partitions=asked) for name in names]
    try:
        with Conversation(subject.port) as server:
            if not server.ask(MetadataRequest(topics=[]), METADATA, MetadataResponse).brokers:
                return False
            answer = server.ask(ListOffsetsRequest(replica_id=-1, topics=topics), LIST_OFFSETS, ListOffsetsResponse)
    except (OSError, BenchError):
        return False
    return not any(one.error_code for topic in answer.topics for one in topic.partitions)
