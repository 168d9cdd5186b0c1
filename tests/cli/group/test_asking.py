"""What a cluster says of its groups, as values."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import ConsumerGroupState, ConsumerGroupType, KafkaError, KafkaException

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.options import connection_of
from cordwood.cli.group.asking import (
    STATES,
    Listing,
    commit_offsets,
    committed_offsets,
    describe_groups,
    list_groups,
)
from cordwood.testing import Server


@pytest.fixture
def kafka(groups: Server) -> Cluster:
    return Cluster(connection_of(groups.bootstrap_servers, {}, {}, 10.0, {}))


def test_every_state_of_librdkafka_has_its_name_in_kafka() -> None:
    assert set(STATES) == {state.name for state in ConsumerGroupState}


def test_groups_are_listed_by_name(kafka: Cluster) -> None:
    listed, refused = list_groups(kafka)
    assert listed == [Listing("audit", "Empty", "Classic", True), Listing("billing", "Empty", "Classic", True)]
    assert refused == []


def scripted(valid: list[Any], errors: list[KafkaError | KafkaException]) -> Any:
    """A cluster whose two brokers list these groups, or do not."""
    result = SimpleNamespace(valid=valid, errors=errors)
    admin = SimpleNamespace(list_consumer_groups=lambda request_timeout: result)
    metadata = SimpleNamespace(brokers={1: None, 2: None})
    return SimpleNamespace(admin=admin, timeout_s=1.0, wait=lambda future: future, metadata=lambda: metadata)


def test_a_group_that_reconciles_and_a_broker_that_does_not_answer() -> None:
    rebalancing = SimpleNamespace(
        group_id="g",
        state=ConsumerGroupState.UNKNOWN,
        type=ConsumerGroupType.CONSUMER,
        is_simple_consumer_group=False,
    )
    error = KafkaError(KafkaError._TIMED_OUT)
    for told in (error, KafkaException(error)):
        listed, refused = list_groups(scripted([rebalancing], [told]))
        assert listed == [Listing("g", "Reconciling", "Consumer", False)]
        assert [one.code() for one in refused] == [KafkaError._TIMED_OUT]
        assert list_groups(scripted([], [told])) == ([], refused)
        with pytest.raises(KafkaException):
            list_groups(scripted([], [told, told]))


def test_groups_that_are_there_and_not(kafka: Cluster) -> None:
    described = describe_groups(kafka, ["billing", "nobody"])
    assert described["nobody"] is None
    assert getattr(described["billing"], "state", None) == "Empty"
    assert describe_groups(kafka, []) == {}


def test_committed_offsets(kafka: Cluster) -> None:
    assert committed_offsets(kafka, ["billing", "nobody"]) == {
        "billing": {("bills", 0): 1, ("orders", 0): 3},
        "nobody": {},
    }


def test_a_coordinator_that_moves_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("cordwood.cli.group.asking._wait", pauses.append)
    answers: list[Any] = [KafkaError(KafkaError.NOT_COORDINATOR), SimpleNamespace(topic_partitions=[])]

    def ask(request: list[Any], request_timeout: float) -> dict[str, Any]:
        return {request[0].group_id: answers.pop(0)}

    admin = SimpleNamespace(list_consumer_group_offsets=ask)
    moving: Any = SimpleNamespace(admin=admin, timeout_s=5.0, outcomes=lambda futures: futures.items())
    assert committed_offsets(moving, ["g"]) == {"g": {}}
    assert len(pauses) == 1

    answers += [KafkaError(KafkaError.NOT_COORDINATOR)]
    moving.timeout_s = 0.0
    (refused,) = committed_offsets(moving, ["g"]).values()
    assert isinstance(refused, KafkaError)
    assert refused.name() == "NOT_COORDINATOR"


def test_offsets_are_committed(kafka: Cluster, reading: str) -> None:
    assert commit_offsets(kafka, "fresh", {("orders", 0): 2}) == {("orders", 0): None}
    assert committed_offsets(kafka, ["fresh"]) == {"fresh": {("orders", 0): 2}}
    (refused,) = commit_offsets(kafka, "readers", {("orders", 0): 2}).values()
    assert refused is not None
    assert refused.name() == "UNKNOWN_MEMBER_ID"
