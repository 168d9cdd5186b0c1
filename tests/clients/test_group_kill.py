"""kill -9 of the broker in the middle of rebalances and commits, again and again.

Groups of every client consume one topic. In each round a member comes or goes, and the broker is killed at a moment of
that. What must hold: no offset that was acknowledged as committed goes back, nothing is skipped, and the members that
were there from the beginning carry on to the last record without being started again.

CLIENTS_SEED chooses the moments, CLIENTS_GROUP_KILLS how often.
"""

from __future__ import annotations

import os
import random
import time
from contextlib import ExitStack, contextmanager

import pytest

from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import CLIENTS
from tests.clients.harness.crew import Crew, Kind, Pace, create_topic
from tests.clients.harness.flood import Flood, Ledger
from tests.clients.harness.kinds import AIOKAFKA, CONFLUENT, FRANZ, JAVA, KAFKA_PYTHON, KAFKAJS
from tests.clients.harness.life import SEED

KILLS = int(os.environ.get("CLIENTS_GROUP_KILLS", "6"))
TOPIC = "shared"
PARTITIONS = 6
PORTION = 300
# One start in so many is itself killed, within this time.
KILLED_START_EVERY = 4
KILLED_START_WITHIN_S = 0.3
READY_WITHIN_S = 30.0

LIGHT = (
    Kind(CONFLUENT),
    Kind(CONFLUENT, "consumer"),
    Kind(KAFKA_PYTHON),
    Kind(AIOKAFKA),
    Kind(KAFKAJS),
    Kind(FRANZ),
)
# A JVM takes its time to start: these neither come nor go.
HEAVY = (Kind(JAVA), Kind(JAVA, "consumer"))

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


class Fleet:
    """Groups of two members each, over one topic, and the members that come and go."""

    def __init__(self, broker: Broker, flood: Flood, ledger: Ledger, stack: ExitStack) -> None:
        self.crews: dict[Kind, Crew] = {}
        self._visitors = {}
        for kind in LIGHT + HEAVY:
            if kind.client.absence() is None:
                crew = Crew(broker.bootstrap, f"group-{kind.name}", flood, ledger, TOPIC, PARTITIONS)
                stack.callback(crew.close)
                self.crews[kind] = crew
        for kind, crew in self.crews.items():
            crew.start(kind)
            if kind in LIGHT:
                crew.start(kind)

    def stir(self, kind: Kind) -> None:
        """Into this group comes a visitor, or the one that is there goes."""
        visitor = self._visitors.pop(kind, None)
        if visitor is None:
            self._visitors[kind] = self.crews[kind].start(kind)
        else:
            self.crews[kind].dismiss(visitor)

    def wait_settled(self) -> None:
        for crew in self.crews.values():
            crew.wait_settled()

    def wait_delivered(self) -> None:
        for crew in self.crews.values():
            crew.wait_delivered()

    def check_stored(self) -> None:
        for crew in self.crews.values():
            crew.check_stored()


@contextmanager
def open_fleet(broker):
    with ExitStack() as stack:
        broker.start()
        stack.callback(lambda: broker.kill() if broker.is_running else None)
        create_topic(broker.bootstrap, TOPIC, PARTITIONS)
        ledger = Ledger()
        flood = Flood(CLIENTS[0], broker.bootstrap, TOPIC, PARTITIONS, ledger, SEED)
        stack.callback(flood.close)
        yield Fleet(broker, flood, ledger, stack), flood


def kill_and_restart(broker, dice):
    """Now and then it is killed once more while it loads."""
    broker.kill()
    broker.launch()
    if dice.randrange(KILLED_START_EVERY) == 0:
        broker.wait_ready(dice.uniform(0, KILLED_START_WITHIN_S))
        broker.kill()
        broker.launch()
    assert broker.wait_ready(READY_WITHIN_S), broker.stderr()


def test_no_committed_offset_goes_back_and_groups_carry_on(tmp_path):
    dice = random.Random(SEED)
    broker = Broker(tmp_path, Pace().settings())
    began = time.monotonic()
    with open_fleet(broker) as (fleet, flood):
        try:
            fleet.wait_settled()
            stirrable = [kind for kind in fleet.crews if kind in LIGHT]
            for _ in range(KILLS):
                flood.grant(PORTION)
                kinds = dice.sample(stirrable, min(2, len(stirrable)))
                for kind in kinds:
                    fleet.stir(kind)
                fleet.crews[dice.choice(kinds)].wait_stirred(dice.randrange(3))
                flood.grant(PORTION)
                fleet.crews[dice.choice(kinds)].wait_flowing(dice.randrange(1, PORTION // 3))
                kill_and_restart(broker, dice)
                fleet.check_stored()
            fleet.wait_settled()
            fleet.wait_delivered()
            fleet.check_stored()
        except BaseException:
            print(f"stderr of the broker\n{broker.stderr()}")
            raise
        finally:
            print(f"seed {SEED}: {KILLS} kills, {flood.granted} records, {time.monotonic() - began:.1f} s")
