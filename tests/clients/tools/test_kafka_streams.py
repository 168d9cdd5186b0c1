"""Kafka Streams' own word count, as its project ships it: repartition and changelog topics, state restored after a kill.

The names of its topics are its own, so each test has a broker to itself.
"""

from __future__ import annotations

import random
import struct
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.clients.conftest import run_broker
from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import JAVA, JAVA_LOG
from tests.clients.harness.crew import Pace
from tests.clients.tools.process import need, open_tools
from tests.clients.tools.topics import Admin, Table, send

FOLDER = Path(__file__).parent / "streams"
JARS = FOLDER / "target" / "jars"
PROGRAM = "org.apache.kafka.streams.examples.wordcount.WordCountDemo"
INPUT = "streams-plaintext-input"
OUTPUT = "streams-wordcount-output"
APPLICATION = "streams-wordcount"
PARTITIONS = 2
WITHIN_S = 60.0
LINES = 150
SEED = 4
WORDS = ("log", "wood", "cord", "tree", "leaf", "root", "bark", "branch", "ring", "stump", "axe", "saw")
# The transaction of an instance that was killed is in the way of whoever comes after it until it times out.
EXACTLY_ONCE = {"processing_guarantee": "exactly_once_v2", "producer_transaction_timeout_ms": "2000"}
PROPERTIES = {
    "commit.interval.ms": "100",
    "repartition.purge.interval.ms": "100",
    "session.timeout.ms": "4000",
    "heartbeat.interval.ms": "250",
}


def count_of(message):
    """A row of the word count: the word, and how often it came."""
    return message.key().decode(), struct.unpack(">q", message.value())[0]


class WordCount:
    """The application, its input, and what it must say."""

    def __init__(self, tools, bootstrap, folder):
        self.admin = Admin(bootstrap)
        self.tools = tools
        self.folder = folder
        self.truth = Counter()
        self.dice = random.Random(SEED)
        for topic in (INPUT, OUTPUT):
            self.admin.create(topic, PARTITIONS)
        self.output = Table(bootstrap, OUTPUT, PARTITIONS, count_of)

    def start(self, state, **properties):
        """One instance, whose state is kept in the folder of that name."""
        config = self.folder / f"{state}.properties"
        settings = {**PROPERTIES, "bootstrap.servers": self.admin.bootstrap, "state.dir": str(self.folder / state)}
        settings |= {name.replace("_", "."): value for name, value in properties.items()}
        config.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return self.tools.start("streams", [*JAVA, JAVA_LOG, "-cp", f"{JARS}/*", PROGRAM, str(config)])

    def send(self):
        lines = [" ".join(self.dice.choices(WORDS, k=5)) for _ in range(LINES)]
        self.truth.update(word for line in lines for word in line.split())
        send(self.admin.bootstrap, INPUT, ((str(n), line) for n, line in enumerate(lines)))

    def internal(self, kind):
        """The topic that Streams made for itself."""
        (name,) = self.admin.topics(rf"{APPLICATION}-.*-{kind}")
        return name

    def wait_members(self, count):
        self.tools.wait_until(
            lambda: self.admin.group(APPLICATION) == ("Stable", "consumer", "stream", count),
            WITHIN_S,
            lambda: self.admin.group(APPLICATION),
        )

    def wait_counted(self):
        """Wait until every word is counted, and exactly so."""
        self.tools.wait_until(
            lambda: self.output.read() == self.truth, WITHIN_S, lambda: self.truth - Counter(self.output.rows)
        )

    def wait_read(self):
        """Wait until the whole output was read."""
        end = sum(self.admin.ends(OUTPUT).values())
        self.tools.wait_until(lambda: bool(self.output.read()) and self.output.records == end, WITHIN_S)

    def wait_done(self):
        """Wait until there is nothing left that would be done again after a kill."""
        topics = (INPUT, self.internal("repartition"))
        self.tools.wait_until(
            lambda: all(self.admin.has_committed_all(APPLICATION, topic) for topic in topics), WITHIN_S
        )


@pytest.fixture
def own_broker(request, tmp_path_factory):
    yield from run_broker(request, Broker(tmp_path_factory.mktemp("streams"), Pace().settings()))


@pytest.fixture
def word_count(own_broker, tmp_path):
    need("Kafka Streams", "java", built_in=FOLDER)
    with open_tools() as tools:
        count = WordCount(tools, own_broker.bootstrap, tmp_path)
        with closing(count.output):
            yield count


def test_it_counts_and_keeps_house(word_count):
    admin = word_count.admin
    word_count.send()
    word_count.start("one")
    word_count.wait_counted()
    changelog, repartition = word_count.internal("changelog"), word_count.internal("repartition")

    assert admin.topics(rf"{APPLICATION}-KSTREAM-.*") == {changelog: PARTITIONS, repartition: PARTITIONS}
    assert admin.configs(changelog)["cleanup.policy"] == "compact"
    assert admin.configs(repartition)["cleanup.policy"] == "delete"
    assert admin.configs(repartition)["retention.ms"] == "-1"
    with closing(Table(admin.bootstrap, changelog, PARTITIONS, count_of)) as state:
        word_count.tools.wait_until(lambda: state.read() == word_count.truth, WITHIN_S, lambda: state.rows)
    # What has been counted Streams deletes from the repartition topic.
    word_count.tools.wait_until(lambda: admin.starts(repartition) == admin.ends(repartition), WITHIN_S)

    word_count.start("two")
    word_count.wait_members(2)
    word_count.send()
    word_count.wait_counted()


def test_after_a_kill_it_goes_on_from_its_changelog(word_count):
    first = word_count.start("one")
    word_count.send()
    word_count.wait_counted()
    word_count.wait_done()
    first.kill()

    # The folder of its state is empty: all it knows comes from the changelog.
    second = word_count.start("two")
    word_count.send()
    word_count.wait_counted()
    word_count.wait_done()

    # Killed at work, it loses nothing, and may count again what it had not committed.
    read = word_count.output.records
    word_count.send()
    word_count.tools.wait_until(lambda: bool(word_count.output.read()) and word_count.output.records > read, WITHIN_S)
    second.kill()
    word_count.start("three")
    word_count.wait_done()
    word_count.wait_read()
    lost = word_count.truth - Counter(word_count.output.rows)
    assert not lost

    # From there on it counts exactly.
    word_count.truth = Counter(word_count.output.rows)
    word_count.send()
    word_count.wait_counted()


def test_exactly_once(word_count):
    """In exactly_once_v2 whoever reads what is committed reads every count once, and in order, whatever is killed."""
    instances = [word_count.start(name, **EXACTLY_ONCE) for name in ("one", "two")]
    word_count.send()
    word_count.wait_counted()
    for number in range(2):
        read = word_count.output.records
        word_count.send()
        word_count.tools.wait_until(
            lambda read=read: bool(word_count.output.read()) and word_count.output.records > read, WITHIN_S
        )
        instances[number].kill()
        instances[number] = word_count.start(f"again {number}", **EXACTLY_ONCE)
    word_count.wait_counted()
    counted = Counter()
    for word, count in word_count.output.changes:
        counted[word] += 1
        assert count == counted[word], f"{word} was counted to {count} where {counted[word]} is next"
    assert counted == word_count.truth
