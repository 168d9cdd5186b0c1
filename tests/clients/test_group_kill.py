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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import CLIENTS
from tests.clients.harness.crew import Crew, Feed, Kind, Pace, open_feed
from tests.clients.harness.kinds import AIOKAFKA, CONFLUENT, FRANZ, JAVA, KAFKA_PYTHON
from tests.clients.harness.life import SEED
from tests.clients.harness.session import Session

KILLS = int(os.environ.get("CLIENTS_GROUP_KILLS", "6"))
TOPIC = "shared"
PARTITIONS = 6
PORTION = 300
# One start in so many is itself killed, within this time.
KILLED_START_EVERY = 4
KILLED_START_WITHIN_S = 0.3
READY_WITHIN_S = 30.0

# Not kafkajs: a consumer of it ends for good when its coordinator is away at the wrong moment, whatever the broker.
LIGHT = (Kind(CONFLUENT), Kind(CONFLUENT, "consumer"), Kind(KAFKA_PYTHON), Kind(AIOKAFKA), Kind(FRANZ))
# A JVM takes its time to start: these neither come nor go.
HEAVY = (Kind(JAVA), Kind(JAVA, "consumer"))

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


class Fleet:
    """Groups of two members each, over one topic, and the members that come and go."""

    def __init__(self, broker: Broker, admin: Session, feed: Feed, stack: ExitStack) -> None:
        self.crews: dict[Kind, Crew] = {}
        self._visitors = {}
        for kind in LIGHT + HEAVY:
            if kind.client.absence() is None:
                crew = Crew(broker.bootstrap, admin, f"group-{kind.name}", feed)
                stack.callback(crew.close)
                self.crews[kind] = crew
        for kind, crew in self.crews.items():
            crew.start(kind)
            if kind in LIGHT:
                crew.start(kind)

    def stir(self, kind: Kind) -> bool:
        """Into this group comes a visitor, or the one that is there goes. Whether partitions will move for that."""
        visitor = self._visitors.pop(kind, None)
        if visitor is None:
            self._visitors[kind] = self.crews[kind].start(kind)
            return True
        self.crews[kind].dismiss(visitor)
        return self.crews[kind].logbook.moves(visitor.name) > 0

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Nobody commits anything meanwhile, so that what is stored is what was stored before."""
        for crew in self.crews.values():
            crew.freeze()
        try:
            yield
        finally:
            for crew in self.crews.values():
                crew.thaw()

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
        admin = stack.enter_context(CLIENTS[0].session("admin", broker.bootstrap))
        feed = stack.enter_context(open_feed(broker.bootstrap, admin, TOPIC, PARTITIONS, SEED))
        yield Fleet(broker, admin, feed, stack), feed.flood


def restart(broker, dice):
    """Start it again; now and then it is killed once more while it loads."""
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
                stirred = [kind for kind in kinds if fleet.stir(kind)]
                if stirred:
                    fleet.crews[dice.choice(stirred)].wait_stirred(dice.randrange(2))
                fleet.crews[dice.choice(kinds)].flow(PORTION, dice.randrange(1, PORTION // 3))
                broker.kill()
                with fleet.frozen():
                    restart(broker, dice)
                    fleet.check_stored()
            fleet.wait_settled()
            fleet.wait_delivered()
            fleet.check_stored()
        except BaseException:
            print(f"stderr of the broker\n{broker.stderr()}")
            raise
        finally:
            print(f"seed {SEED}: {KILLS} kills, {flood.granted} records, {time.monotonic() - began:.1f} s")
