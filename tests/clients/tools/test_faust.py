"""faust-streaming: workers that share a topic and keep a table in a changelog, one of which is killed."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.clients.tools.process import need, open_tools
from tests.clients.tools.topics import Admin, Table, send

FOLDER = Path(__file__).parent / "faust_worker"
PYTHON = FOLDER / "target" / "venv" / "bin" / "python"
PARTITIONS = 4
WITHIN_S = 60.0
WORDS = tuple(f"word{n}" for n in range(20))
ROUNDS = 10
# What a worker logs.
READY = "Worker ready"
REVOKED = "Revoking previously assigned partitions"


def count_of(message):
    """A row of the table, as faust writes it."""
    return json.loads(message.key()), json.loads(message.value())


class Words:
    """The application: its workers, its input and its table."""

    def __init__(self, tools, bootstrap, topic, folder):
        self.admin = Admin(bootstrap)
        self.tools = tools
        self.topic = topic
        self.app = f"faust-{topic}"
        self.changelog = f"{self.app}-counts-changelog"
        self.folder = folder
        self.truth = Counter()
        self.workers = []
        self.admin.create(topic, PARTITIONS)
        self.table = Table(bootstrap, self.changelog, PARTITIONS, count_of)

    def start(self):
        """One worker more."""
        settings = {
            "WORDS_APP": self.app,
            "WORDS_BOOTSTRAP": self.admin.bootstrap,
            "WORDS_TOPIC": self.topic,
            "WORDS_PARTITIONS": str(PARTITIONS),
            "PYTHONPATH": str(FOLDER),
        }
        command = [str(PYTHON), "-m", "faust", "--app", "words", "--datadir", str(self.folder)]
        command += ["worker", "--without-web", "--loglevel", "info"]
        worker = self.tools.start("faust", command, {**os.environ, **settings}, self.folder)
        self.workers.append(worker)
        return worker

    def send(self):
        self.truth.update(WORDS * ROUNDS)
        send(self.admin.bootstrap, self.topic, [(word, word) for word in WORDS * ROUNDS])

    def wait_ready(self):
        """Wait until the workers that are left share the topic, and each has recovered its part of the table.

        A record that comes before a worker has sought its committed offsets may be lost or counted twice by faust
        itself (0.15.3: the flow resumes before the seek, and what is fetched again is compared by >= with what was).
        """
        left = [worker for worker in self.workers if not worker.has_ended]
        self.tools.wait_until(
            lambda: (
                self.admin.group(self.app) == ("Stable", "consumer", "faust", len(left)) and all(map(is_ready, left))
            ),
            WITHIN_S,
            lambda: self.admin.group(self.app),
        )

    def wait_counted(self):
        """Wait until every word is counted, exactly so, and nothing would be done again."""
        self.tools.wait_until(
            lambda: self.table.read() == self.truth and self.admin.has_committed_all(self.app, self.topic),
            WITHIN_S,
            lambda: self.truth - Counter(self.table.rows),
        )


def is_ready(worker):
    """Whether a worker has recovered since it last gave up its partitions."""
    told = [READY in line for line in list(worker.complained) if READY in line or REVOKED in line]
    return bool(told) and told[-1]


def has_counted(worker):
    """Whether a worker has counted any word."""
    return any(line.split()[-1:] == [word] for line in list(worker.complained) for word in WORDS)


@pytest.fixture
def words(brisk_broker, topic, tmp_path):
    need("faust", built_in=FOLDER)
    with open_tools() as tools:
        app = Words(tools, brisk_broker.bootstrap, topic, tmp_path)
        with closing(app.table):
            yield app


def test_workers_share_the_words_and_one_takes_over_when_the_other_is_killed(words):
    first = words.start()
    words.wait_ready()
    words.send()
    words.wait_counted()
    assert words.admin.topics(words.changelog) == {words.changelog: PARTITIONS}
    assert words.admin.configs(words.changelog)["cleanup.policy"] == "compact"

    second = words.start()
    words.wait_ready()
    words.send()
    words.wait_counted()
    assert has_counted(first)
    assert has_counted(second)

    # What the killed worker knew comes from the changelog.
    first.kill()
    words.wait_ready()
    words.send()
    words.wait_counted()
