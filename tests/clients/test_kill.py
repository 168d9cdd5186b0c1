"""kill -9 in the middle of concurrent acks=all producing, again and again.

What must hold in the end: nothing that was acknowledged is missing or elsewhere, the records of a producer are in its
order within each partition, no record is there twice, and all producers carried on to their last record.

CLIENTS_SEED chooses the moments, CLIENTS_KILLS how often under the default flush policy.
"""

from __future__ import annotations

import os
import random
import time

import pytest

from tests.clients.harness.broker import Broker
from tests.clients.harness.clients import CLIENTS
from tests.clients.harness.flood import Flood, Ledger, findings

SEED = int(os.environ.get("CLIENTS_SEED", "1"))
KILLS = int(os.environ.get("CLIENTS_KILLS", "100"))
KILLS_ELSEWHERE = max(1, KILLS // 10)

# Clients with an idempotent producer that outlives its broker. kafkajs calls its own experimental.
PRODUCERS = ("confluent-kafka", "kafka-python", "aiokafka", "franz-go", "java-4.3.0")
TOPIC = "killed"
PARTITIONS = 3
# Small segments: kills happen around rotations too.
SEGMENT_BYTES = 1024 * 1024
PORTION = 60
# One start in so many is itself killed, within this time.
KILLED_START_EVERY = 10
KILLED_START_WITHIN_S = 0.3
ACKNOWLEDGED_WITHIN_S = 30.0
FINISHED_WITHIN_S = 60.0
READ_WITHIN_S = 60.0

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


def restart(broker, dice):
    """Start it again; now and then it is killed once more while it recovers."""
    broker.launch()
    if dice.randrange(KILLED_START_EVERY) == 0:
        broker.wait_ready(dice.uniform(0, KILLED_START_WITHIN_S))
        broker.kill()
        broker.launch()
    assert broker.wait_ready(ACKNOWLEDGED_WITHIN_S), broker.stderr()


def stop(broker):
    """The orderly end of SIGTERM."""
    assert broker.stop() == 0, broker.stderr()


def end_and_restart(broker, floods, ledger, dice, rounds, end=Broker.kill):
    """Grant a portion, end the broker at a random acknowledgement of it, start it again; so many rounds."""
    for _ in range(rounds):
        for flood in floods:
            flood.grant(PORTION)
        outstanding = sum(flood.granted for flood in floods) - len(ledger)
        ledger.wait_for(len(ledger) + dice.randrange(outstanding), ACKNOWLEDGED_WITHIN_S)
        end(broker)
        restart(broker, dice)


def read_back(broker):
    """Every record of the topic, as a client sees it."""
    reader = CLIENTS[0]
    with reader.session("admin", broker.bootstrap) as admin:
        requests = [{"op": "offsets", "topic": TOPIC, "partition": n, "at": "latest"} for n in range(PARTITIONS)]
        ends = [admin.ask(request)["ok"]["offset"] for request in requests]
    wanted = [{"topic": TOPIC, "partition": n, "offset": 0, "count": end} for n, end in enumerate(ends)]
    return reader.run("consume", broker.bootstrap, wanted, within_s=READ_WITHIN_S)


def create_topic(broker):
    configs = {"segment.bytes": str(SEGMENT_BYTES)}
    with CLIENTS[0].session("admin", broker.bootstrap) as admin:
        answer = admin.ask({"op": "create_topic", "topic": TOPIC, "partitions": PARTITIONS, "configs": configs})
        assert "ok" in answer, answer


def flood_through(broker, rounds, end):
    """Producers that run on while the broker ends and starts again; judges what is there afterwards."""
    clients = [client for client in CLIENTS if client.name in PRODUCERS and client.absence() is None]
    assert clients, "no client with an idempotent producer is installed"
    broker.start()
    create_topic(broker)
    ledger = Ledger()
    floods = [Flood(client, broker.bootstrap, TOPIC, PARTITIONS, ledger, SEED) for client in clients]
    started = time.monotonic()
    try:
        end_and_restart(broker, floods, ledger, random.Random(SEED), rounds, end)
        granted = sum(flood.granted for flood in floods)
        for flood in floods:
            flood.finish(FINISHED_WITHIN_S)
        ledger.wait_for(granted, within_s=0)
        complaints = findings(read_back(broker), ledger)
        assert not complaints, f"{len(complaints)} findings:\n" + "\n".join(complaints[:50])
    except BaseException:
        print(f"stderr of the broker\n{broker.stderr()}")
        for flood in floods:
            print(f"stderr of {flood.name}\n{flood.stderr()[-2000:]}")
        raise
    finally:
        print(f"seed {SEED}: {rounds} rounds, {len(ledger)} acknowledged, {time.monotonic() - started:.1f} s")
        for flood in floods:
            flood.close()
        if broker.is_running:
            broker.kill()


@pytest.mark.parametrize(
    ("policy", "kills"),
    [
        pytest.param("commit", KILLS, id="commit"),
        pytest.param("interval", KILLS_ELSEWHERE, id="interval"),
        pytest.param("os", KILLS_ELSEWHERE, id="os"),
    ],
)
def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(tmp_path, policy, kills):
    flood_through(Broker(tmp_path, {"flush.policy": policy}), kills, Broker.kill)


def test_an_orderly_stop_is_no_worse(tmp_path):
    flood_through(Broker(tmp_path), KILLS_ELSEWHERE, stop)
