"""Static members: who comes back under its instance id within the session timeout has not been away."""

from __future__ import annotations

import pytest

from tests.clients.conftest import need, run_broker
from tests.clients.harness.broker import Broker
from tests.clients.harness.crew import Kind, Pace, open_crew
from tests.clients.harness.kinds import AIOKAFKA, CONFLUENT, FRANZ, JAVA, KAFKA_PYTHON, of_each_kind
from tests.clients.harness.life import PARTITIONS, QUIET, SEED, quiet

# kafkajs has no static members.
CLASSIC = [Kind(client) for client in (CONFLUENT, KAFKA_PYTHON, AIOKAFKA, FRANZ, JAVA)]
# franz-go does not say goodbye, and so is refused until its session has passed, by Apache Kafka too.
CONSUMER = [Kind(client, "consumer") for client in (CONFLUENT, JAVA)]
# Far longer than any restart.
PATIENT = Pace(session_timeout_ms=60_000)


@pytest.fixture(scope="module")
def patient_broker(request, tmp_path_factory):
    yield from run_broker(request, Broker(tmp_path_factory.mktemp("patient"), PATIENT.settings()))


@pytest.fixture
def group(patient_broker, topic):
    with open_crew(patient_broker, f"group-{topic}", topic, PARTITIONS, SEED) as crew:
        yield crew


def come_back(group, kind, end):
    """Three members; one is ended and started again, and the others notice nothing."""
    need(kind.client)
    members = [group.start(kind, instance_id=f"instance-{n}", pace=PATIENT) for n in range(3)]
    quiet(group)
    owned = group.logbook.owned()
    gone, *others = members
    before = {member.name: group.logbook.moves(member.name) for member in others}
    end(group, gone)
    group.flood.grant(QUIET)
    returned = group.start(kind, instance_id="instance-0", pace=PATIENT)
    quiet(group)
    now = group.logbook.owned()
    assert now[returned.name] == owned[gone.name], group.logbook.story()
    assert {member.name: group.logbook.moves(member.name) for member in others} == before, group.logbook.story()


@of_each_kind(CLASSIC)
def test_a_killed_member_comes_back(group, kind):
    come_back(group, kind, lambda group, member: group.kill(member))


@of_each_kind(CONSUMER)
def test_a_member_that_left_for_a_while_comes_back(group, kind):
    """Under the new protocol a static member says that it will be back; one that was killed is waited for."""
    come_back(group, kind, lambda group, member: group.leave(member))
