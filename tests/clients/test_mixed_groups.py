"""Groups whose members are of different clients, and of both protocols.

Clients agree on an assignor when they call it by the same name and read what each other's leader writes: all of them do
for `range` and `roundrobin`, three for `cooperative-sticky`; under the new protocol the broker assigns.
"""

from __future__ import annotations

import pytest

from tests.clients.conftest import need
from tests.clients.harness.crew import Kind
from tests.clients.harness.kinds import AIOKAFKA, CONFLUENT, FRANZ, JAVA, JAVA_3, KAFKA_PYTHON, KAFKAJS
from tests.clients.harness.life import PARTITIONS, SEED, live, quiet, replace

pytestmark = pytest.mark.timeout(300)

EAGER = (CONFLUENT, KAFKA_PYTHON, AIOKAFKA, KAFKAJS, FRANZ, JAVA, JAVA_3)
COOPERATIVE = (CONFLUENT, KAFKA_PYTHON, FRANZ, JAVA)
NEW = (CONFLUENT, FRANZ, JAVA, JAVA_3)

MIXES = {
    "range": [Kind(client, assignor="range") for client in EAGER],
    "roundrobin": [Kind(client, assignor="roundrobin") for client in EAGER],
    "cooperative-sticky": [Kind(client, assignor="cooperative-sticky") for client in COOPERATIVE],
    "consumer": [Kind(client, "consumer") for client in NEW],
}


def present(kinds):
    """The members that can be run here; a mix needs two of them."""
    here = [kind for kind in kinds if kind.client.absence() is None]
    if len(here) < 2:
        need(*(kind.client for kind in kinds))
    return here


@pytest.mark.parametrize("mix", MIXES)
def test_clients_share_a_group(crew, mix):
    kinds = present(MIXES[mix])
    live(crew(PARTITIONS, SEED), kinds, len(kinds))


# librdkafka's sticky assignor hands members more than partitions. As that would be lost, neither Apache Kafka nor we
# let such a group change.
CHANGEABLE = [Kind(CONFLUENT, assignor="range"), Kind(JAVA, assignor="cooperative-sticky")]


@pytest.mark.parametrize("old", CHANGEABLE, ids=[kind.name for kind in CHANGEABLE])
def test_members_change_protocol_one_by_one(crew, old):
    """Online: up to the new protocol, and down again. The group consumes all the while."""
    need(old.client)
    group = crew(PARTITIONS, SEED)
    new = Kind(old.client, "consumer")
    for _ in range(2):
        group.start(old)
        quiet(group)
    replace(group, new)
    quiet(group)
    replace(group, old)
    quiet(group)


def test_both_protocols_and_several_clients_in_one_group(crew):
    kinds = [
        Kind(CONFLUENT, assignor="range"),
        Kind(JAVA, "consumer"),
        Kind(KAFKA_PYTHON, assignor="range"),
        Kind(CONFLUENT, "consumer"),
        Kind(AIOKAFKA, assignor="range"),
        Kind(FRANZ, assignor="range"),
    ]
    live(crew(PARTITIONS, SEED), present(kinds), len(kinds))
