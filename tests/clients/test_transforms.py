"""Consume, transform, produce: what a topic holds arrives in another exactly once, whatever happens to the workers.

Groups of every client copy one topic side by side, each to a topic of its own, with their offsets in the transactions.
Every fourth transaction is aborted by its worker; one worker of each group is killed and comes back.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack

import pytest

from tests.clients.conftest import need
from tests.clients.harness.clients import CLIENTS
from tests.clients.harness.crew import Kind, create_topic, open_feed
from tests.clients.harness.kinds import AIOKAFKA, CONFLUENT, FRANZ, JAVA, JAVA_3, KAFKA_PYTHON
from tests.clients.harness.life import SEED
from tests.clients.harness.transactor import wait_until, write
from tests.clients.harness.workshop import WORKED_WITHIN_S, Task, Worker

KINDS = (
    Kind(CONFLUENT),
    Kind(CONFLUENT, "consumer"),
    Kind(KAFKA_PYTHON),
    Kind(AIOKAFKA),
    Kind(FRANZ),
    Kind(JAVA),
    Kind(JAVA, "consumer"),
    Kind(JAVA_3),
)
# It sends offsets without saying which member they are of, so that who lost its partitions is not refused.
ALONE = (AIOKAFKA,)
SOURCE = "to-be-copied"
PARTITIONS = 4
PORTION = 150
TRICKLE = 20
TRICKLE_EVERY_S = 0.25
AT_ONCE = 4
LAST = "last"

pytestmark = pytest.mark.timeout(300)


class Group:
    """The workers of one kind, and what became of their work."""

    def __init__(self, bootstrap, admin, feed, kind):
        self.kind = kind
        self.target = f"copied.{kind.name}"
        self._task = Task(bootstrap, kind, f"workers.{kind.name}", SOURCE, self.target)
        self._admin = admin
        self._feed = feed
        self._workers = [Worker(self._task, 0)]
        if kind.client not in ALONE:
            self._workers.append(Worker(self._task, 1))

    def work(self):
        """The group copies what there is; its first worker is killed at work and comes back under its old name."""
        first = self._workers[0]
        first.wait_committed(2)
        first.kill()
        self._workers[0] = Worker(self._task, 0)

    def wait_done(self):
        """Wait until all offsets are committed. Transactions end in their order, so all records are, too."""
        wait_until(self._is_done, WORKED_WITHIN_S, self.report)

    def close(self):
        for worker in self._workers:
            worker.kill()

    def report(self):
        return f"{self._stored()} of {self._feed.ends()}\n" + "\n".join(worker.report() for worker in self._workers)

    def aborts(self):
        return sum(worker.told["aborted"] for worker in self._workers)

    def _is_done(self):
        for worker in self._workers:
            worker.check()
        return self._stored() == self._feed.ends()

    def _stored(self):
        answer = self._admin.ask({"op": "committed", "group": self._task.group})
        if "ok" not in answer:
            return answer
        return {(topic, partition): offset for topic, partition, offset in answer["ok"] if offset > 0}


def values_of(bootstrap, topic, counts, isolation):
    """The values of a topic, by partition."""
    wanted = [{"topic": topic, "partition": n, "offset": 0, "count": count} for n, count in enumerate(counts)]
    found = [[] for _ in counts]
    for record in CONFLUENT.run("consume", bootstrap, wanted, "--isolation", isolation):
        found[record["partition"]].append(record["value"])
    return found


class Workshop:
    """Everything done once; tests look at the group of one kind."""

    def __init__(self, broker):
        kinds = [kind for kind in KINDS if kind.client.absence() is None]
        with ExitStack() as stack:
            admin = stack.enter_context(CLIENTS[0].session("admin", broker.bootstrap))
            feed = stack.enter_context(open_feed(broker.bootstrap, admin, SOURCE, PARTITIONS, SEED))
            feed.flood.grant(PORTION)
            groups = []
            for kind in kinds:
                create_topic(admin, f"copied.{kind.name}", PARTITIONS)
                groups.append(Group(broker.bootstrap, admin, feed, kind))
                stack.callback(groups[-1].close)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                worked = {group.kind: pool.submit(group.work) for group in groups}
                # Whoever comes late to its group finds something to do all the same.
                while wait(worked.values(), TRICKLE_EVERY_S).not_done:
                    feed.flood.grant(TRICKLE)
            feed.flood.grant(PORTION)
            feed.ledger.wait_for(feed.flood.granted, WORKED_WITHIN_S)
            self.trouble = {kind: done.exception() for kind, done in worked.items()}
            self.aborts = {}
            for group in groups:
                self._wait_done(group)
            ends = feed.ends()
        counts = [ends[SOURCE, partition] for partition in range(PARTITIONS)]
        self.source = values_of(broker.bootstrap, SOURCE, counts, "read_uncommitted")
        self._broker = broker
        self._counts = counts

    def _wait_done(self, group):
        if self.trouble[group.kind] is None:
            try:
                group.wait_done()
            except AssertionError as trouble:
                self.trouble[group.kind] = trouble
        self.aborts[group.kind] = group.aborts()

    def copied(self, kind):
        """What the group has copied; the last of each partition was written after it had ended."""
        if self.trouble[kind] is not None:
            raise AssertionError(f"{kind.name} did not do its work") from self.trouble[kind]
        topic = f"copied.{kind.name}"
        write(self._broker.bootstrap, topic, ((n, LAST) for n in range(PARTITIONS)))
        with_last = [count + 1 for count in self._counts]
        return [values[:-1] for values in values_of(self._broker.bootstrap, topic, with_last, "read_committed")]


@pytest.fixture(scope="module")
def workshop(brisk_broker):
    return Workshop(brisk_broker)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in KINDS])
def test_everything_arrives_once_and_in_order(workshop, kind):
    need(kind.client)
    assert workshop.copied(kind) == workshop.source
    assert workshop.aborts[kind] > 0
