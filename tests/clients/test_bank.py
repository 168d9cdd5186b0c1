"""A bank whose broker and clerks are killed: money is moved, and none of it comes or goes.

Clerks of every client move amounts between accounts in transactions, some of which they abort. At random the broker is
killed and started again, a clerk is killed and comes back, and the bank closes for an audit. What must hold: wherever the
ledger may be cut the total is what it was, so is the sum of all accounts at every audit, and the whole history has no
G0, G1a, G1b, G1c, no lost and no duplicate write. In the end every client reads the same.

CLIENTS_SEED chooses, CLIENTS_BANK_ROUNDS how often: 20 rounds take seconds, 500 take minutes.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from contextlib import ExitStack, contextmanager

import pytest

from cordwood.sim.checkers.list_append import anomalies
from cordwood.wire.messages.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from tests.clients.harness.bank import ACCOUNTS, JOURNAL, LAST, LEDGER, PARTITIONS, TOPIC, Bank, Clerk, amount_of
from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import CLIENTS
from tests.clients.harness.kinds import AIOKAFKA, CONFLUENT, FRANZ, JAVA, JAVA_3, KAFKA_PYTHON
from tests.clients.harness.life import SEED
from tests.clients.harness.records import bare
from tests.clients.harness.transactor import wait_until, write
from tests.raw_client import RawClient

ROUNDS = int(os.environ.get("CLIENTS_BANK_ROUNDS", "20"))
# A JVM takes its time to start: it is not killed.
LIGHT = (CONFLUENT, KAFKA_PYTHON, AIOKAFKA, FRANZ, CONFLUENT, FRANZ)
HEAVY = (JAVA, JAVA_3)
# Not kafkajs: where a fetch begins in the midst of two aborted transactions, it shows the first record of the second.
READERS = [client for client in CLIENTS if client.name != "kafkajs"]
MOST_TRANSFERS = 30
# Small segments: kills happen around rotations too.
SEGMENT_BYTES = 16 * 1024
# One start in so many is itself killed, within this time.
KILLED_START_EVERY = 4
KILLED_START_WITHIN_S = 0.3
READY_WITHIN_S = 30.0
TRANSFERRED_WITHIN_S = 60.0
DECIDED_WITHIN_S = 60.0
READ_WITHIN_S = 60.0
SHOWN_ANOMALIES = 30
LATEST = -1
LIST_OFFSETS_VERSION = 5
UNCOMMITTED, COMMITTED = 0, 1

pytestmark = [pytest.mark.crash, pytest.mark.timeout(60 + 10 * ROUNDS)]


class Branch:
    """The broker, the bank and its clerks; what happens to them in a round."""

    def __init__(self, broker, stack):
        broker.start()
        stack.callback(lambda: broker.kill() if broker.is_running else None)
        self.broker = broker
        self.dice = random.Random(SEED)
        self.counts = Counter()
        with CLIENTS[0].session("admin", broker.bootstrap) as admin:
            configs = {"segment.bytes": str(SEGMENT_BYTES)}
            answer = admin.ask({"op": "create_topic", "topic": TOPIC, "partitions": PARTITIONS, "configs": configs})
            assert "ok" in answer, answer
        self.bank = Bank(broker.bootstrap, SEED)
        stack.callback(self.bank.teller.close)
        here = [client for client in LIGHT + HEAVY if client.absence() is None]
        self.clerks = [Clerk(self.bank, client, f"clerk {n} {client.name}") for n, client in enumerate(here)]
        for clerk in self.clerks:
            stack.callback(clerk.end)

    def round(self):
        """Business goes on for a while, and then something happens."""
        self.bank.wait_transfers(self.dice.randrange(1, MOST_TRANSFERS), TRANSFERRED_WITHIN_S)
        happens = self.dice.choices((self.kill_broker, self.kill_clerk, self.audit), (3, 3, 1))[0]
        self.counts[happens.__name__] += 1
        happens()

    def kill_broker(self):
        self.broker.kill()
        self.broker.launch()
        if self.dice.randrange(KILLED_START_EVERY) == 0:
            self.broker.wait_ready(self.dice.uniform(0, KILLED_START_WITHIN_S))
            self.broker.kill()
            self.broker.launch()
        assert self.broker.wait_ready(READY_WITHIN_S), self.broker.stderr()

    def kill_clerk(self):
        self.dice.choice([clerk for clerk in self.clerks if clerk.client in LIGHT]).kill()

    def audit(self):
        """No transfer is under way: the sum of all accounts, each read to its end, is what it was."""
        with ExitStack() as closed:
            for lock in self.bank.locks.values():
                closed.enter_context(lock)
            accounts = self.read_all()[:ACCOUNTS]
            total = sum(amount_of(value) for values in accounts for value in values)
            assert total == 0, f"the total has changed by {total}: {[sum(map(amount_of, one)) for one in accounts]}"

    def read_all(self):
        """Everything that there is, once it is all decided."""
        wait_until(lambda: self._ends(COMMITTED) == self._ends(), DECIDED_WITHIN_S, self.report)
        return self.bank.teller.wait_read(self._ends(), READ_WITHIN_S)

    def close(self):
        """The last transfers end, and the books are closed; what is in them."""
        for clerk in self.clerks:
            clerk.close()
        for clerk in self.clerks:
            clerk.wait_closed()
        self.audit()
        write(self.broker.bootstrap, TOPIC, ((n, LAST) for n in range(PARTITIONS)))
        return self.read_all()

    def report(self):
        return f"committed up to {self._ends(COMMITTED)} of {self._ends()}\n{self.broker.stderr()}"

    def _ends(self, isolation_level=UNCOMMITTED):
        """Asked on the wire: a client may still have in mind who led before the broker was killed."""
        wanted = [ListOffsetsPartition(partition_index=n, timestamp=LATEST) for n in range(PARTITIONS)]
        topics = [ListOffsetsTopic(name=TOPIC, partitions=wanted)]
        host, port = self.broker.bootstrap.rsplit(":", 1)
        with RawClient(int(port), host) as client:
            request = ListOffsetsRequest(replica_id=-1, isolation_level=isolation_level, topics=topics)
            (answer,) = client.ask(request, LIST_OFFSETS_VERSION).topics
        assert not any(partition.error_code for partition in answer.partitions), answer
        return [partition.offset for partition in sorted(answer.partitions, key=lambda one: one.partition_index)]


@contextmanager
def open_branch(folder):
    broker = Broker(folder)
    with ExitStack() as stack:
        branch = Branch(broker, stack)
        began = time.monotonic()
        try:
            yield branch
        except BaseException:
            print(f"stderr of the broker\n{broker.stderr()}")
            print("\n".join(clerk.report() for clerk in branch.clerks))
            raise
        finally:
            fates = Counter(transfer.fate.value for transfer in branch.bank.transfers())
            kills = sum(clerk.kills for clerk in branch.clerks)
            took = time.monotonic() - began
            print(f"seed {SEED}: {dict(branch.counts)}, transfers {dict(fates)}, {kills} clerks, {took:.1f} s")


def test_no_money_comes_or_goes(tmp_path):
    with open_branch(tmp_path) as branch:
        for _ in range(ROUNDS):
            branch.round()
        final = branch.close()
        assert {values[-1] for values in final} == {LAST}
        assert sum(map(amount_of, final[LEDGER])) == sum(map(amount_of, final[JOURNAL])) == 0
        found = anomalies(branch.bank.history(final))
        assert not found, f"{len(found)} anomalies:\n" + "\n".join(found[:SHOWN_ANOMALIES])

        wanted = [{"topic": TOPIC, "partition": n, "offset": 0, "count": len(one)} for n, one in enumerate(final)]
        for client in READERS:
            if client.absence() is None:
                assert read_by(client, branch.broker, wanted) == [list(values) for values in final], client.name


def read_by(client, broker, wanted):
    """What another client reads."""
    found = [[] for _ in wanted]
    for record in client.run("consume", broker.bootstrap, wanted, "--isolation", "read_committed"):
        found[record["partition"]].append(bare(record["value"]).decode())
    return found
