"""Where records come from, with a consumer that does as it is told."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from cordwood.cli.client.errors import Unreachable
from cordwood.cli.client.options import Connection
from cordwood.cli.records import sources
from cordwood.cli.records.sources import Group, Partitions, Reading
from cordwood.cli.records.windows import Window, Windows
from cordwood.cli.terminal.exits import Exit
from tests.cli.records.broker_kit import fill, make_topic, values
from tests.cli.records.kit import message
from tests.cli.running import run

PLACE = ("orders", 1)
CONNECTION = Connection({"bootstrap.servers": "nowhere:1"}, timeout_s=5.0)


class Scripted:
    """A consumer whose answers are a list; it writes down what else it is asked for."""

    def __init__(self, answers, properties):
        self.properties = properties
        self.answers = list(answers)
        self.calls = []
        self.subscription = {}

    def consume(self, limit, timeout):
        assert timeout == 0
        return self.answers.pop(0) if self.answers else []

    def poll(self, timeout):
        return None

    def subscribe(self, topics, **callbacks):
        self.subscription = {"topics": topics, **callbacks}

    def assignment(self):
        return [TopicPartition(*PLACE)]

    def get_watermark_offsets(self, partition, timeout):
        return 20, 30

    def store_offsets(self, offsets):
        if offsets[0].offset == 1000:
            raise KafkaException(KafkaError(KafkaError._STATE))
        self.calls.append(("store", offsets[0].partition, offsets[0].offset))

    def __getattr__(self, name):
        return lambda *arguments: self.calls.append((name, *arguments))


@pytest.fixture
def script(monkeypatch):
    """Answers for the consumers that are made from now on; returns the one that was made."""
    made = []

    def prepare(*answers):
        def consumer(properties):
            made.append(Scripted(answers, properties))
            return made[-1]

        monkeypatch.setattr(sources, "Consumer", consumer)
        return made

    return prepare


class Hand:
    """A clock that is moved by hand."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


def trouble(code, offset=None):
    return Message(topic=PLACE[0], partition=PLACE[1], offset=offset or 0, error=KafkaError(code))


def partitions(start=10, end=12, follows=False, clock=None):
    windows = Windows({PLACE: Window(start, end, start)}, follows=follows)
    return Partitions(Reading(CONNECTION, "read_committed"), windows, clock)


def test_a_consumer_begins_where_the_window_does(script):
    (made,) = [script()]
    partitions()
    ((name, (assigned,)),) = made[0].calls
    assert (name, assigned.topic, assigned.partition, assigned.offset) == ("assign", *PLACE, 10)
    assert made[0].properties["isolation.level"] == "read_committed"
    assert made[0].properties["fetch.wait.max.ms"] == sources.BOUNDED_WAIT_MS


def test_records_before_the_end_of_the_partition_in_the_same_batch_are_not_lost(script):
    record = message(offset=11)
    made = script([message(offset=10), record, trouble(KafkaError._PARTITION_EOF, 12)])
    source = partitions(end=14)
    assert source.batch(100)[-1] is record
    ((name, (left,)),) = made[0].calls[1:]
    assert (name, left.topic, left.partition) == ("incremental_unassign", *PLACE)
    assert source.batch(100) is None


def test_what_mends_itself_is_no_error(script):
    script([trouble(KafkaError._TRANSPORT), trouble(KafkaError._ALL_BROKERS_DOWN)])
    assert list(partitions().batch(100)) == []


def test_other_errors_end_it(script):
    script([trouble(KafkaError.TOPIC_AUTHORIZATION_FAILED)])
    with pytest.raises(KafkaException):
        partitions().batch(100)


def test_retention_that_was_faster_is_told(script, capsys):
    made = script([trouble(KafkaError._AUTO_OFFSET_RESET, 10)], [message(offset=20)])
    source = partitions(end=30)
    source.batch(100)
    name, (assigned,) = made[0].calls[-1]
    assert (name, assigned.offset) == ("incremental_assign", 20)
    assert "warning: orders-1: records are gone before they were read" in capsys.readouterr().err
    assert len(source.batch(100)) == 1


def test_silence_is_not_waited_for_where_there_is_an_end(script):
    script()
    clock = Hand()
    source = partitions(clock=clock)
    clock.now += CONNECTION.timeout_s
    assert list(source.batch(100)) == []
    clock.now += 0.1
    with pytest.raises(Unreachable, match="no record came for 5 seconds") as caught:
        source.batch(100)
    assert caught.value.code is Exit.CONNECT


def test_who_follows_waits_for_brokers_to_come_back(script):
    made = script()
    clock = Hand()
    source = partitions(end=None, clock=clock)
    clock.now += 1000
    made[0].properties["error_cb"](KafkaError(KafkaError._ALL_BROKERS_DOWN))
    assert list(source.batch(100)) == []
    assert made[0].properties["fetch.wait.max.ms"] == sources.FOLLOWING_WAIT_MS


def test_who_wants_an_end_does_not(script):
    made = script()
    source = partitions()
    made[0].properties["error_cb"](KafkaError(KafkaError._ALL_BROKERS_DOWN))
    with pytest.raises(Unreachable, match="nobody answers at nowhere:1"):
        source.batch(100)


def group(stops_at_end=True):
    return Group(Reading(CONNECTION, "read_committed"), ["orders"], "g", "earliest", stops_at_end=stops_at_end)


def test_a_group_ends_when_all_that_it_was_given_is_at_its_end(script):
    made = script([message()], [trouble(KafkaError._PARTITION_EOF)])
    source = group()
    assert made[0].properties["auto.offset.reset"] == "earliest"
    assert len(source.batch(100)) == 1
    made[0].subscription["on_assign"](made[0], [])
    assert list(source.batch(100)) == []
    assert source.batch(100) is None
    made[0].subscription["on_revoke"](made[0], [TopicPartition(*PLACE)])
    assert list(source.batch(100)) == []


def test_a_group_that_follows_does_not_end(script):
    made = script([trouble(KafkaError._PARTITION_EOF)])
    source = group(stops_at_end=False)
    made[0].subscription["on_assign"](made[0], [])
    assert [list(source.batch(100)) for _ in range(2)] == [[], []]


def test_what_was_written_is_committed_and_no_more(script):
    made = script()
    source = group()
    source.written([message(offset=5), message(offset=6), message(offset=9, partition=2)])
    source.written([message(offset=999)])  # Of a partition that is another member's by now.
    assert made[0].calls == [("store", 1, 7), ("store", 2, 10)]
    source.close()
    assert made[0].calls[-1] == ("close",)


def test_a_group_that_may_not_be_joined(script):
    script([trouble(KafkaError.GROUP_AUTHORIZATION_FAILED)])
    with pytest.raises(KafkaException):
        group().batch(100)


def test_records_that_go_while_they_are_read(server, capsys):
    """Retention takes the offset that is to be fetched next: librdkafka says so, and we go on behind it."""
    topic = make_topic(server, "vanishing")
    fill(server, topic, values(*"abcdef"))
    assert run(server, "topic", "trim", topic, "--before", "4", "--yes").exit_code == 0
    windows = Windows({(topic, 0): Window(0, 6, 0)}, follows=False)
    source = Partitions(Reading(Connection({"bootstrap.servers": server.bootstrap_servers}), "read_committed"), windows)
    seen = []
    while (batch := source.batch(100)) is not None:
        seen += [record.value() for record in batch]
    source.close()
    assert seen == [b"e", b"f"]
    assert "vanishing-0: records are gone before they were read" in capsys.readouterr().err
