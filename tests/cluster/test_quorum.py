"""Three processes are one quorum: what was acknowledged outlives each of them, and a minority decides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest
from tests.cluster.brokers import CLUSTER_ID, COUNT, Brokers
from tests.cluster.creation import ADMINS, Admin, Creation, MayPass
from tests.raw_client import RawClient

pytestmark = [pytest.mark.clients, pytest.mark.crash, pytest.mark.timeout(240)]

ROUNDS = 3
PORTION = 10
KNOWN_WITHIN_S = 10.0


def check_nothing_is_lost(brokers: Brokers, acknowledged: set[str]) -> None:
    """Every broker knows of everything; one that did not answer itself may hear of the last of it a moment later."""
    for number in brokers.running:
        deadline = time.monotonic() + KNOWN_WITHIN_S
        while (missing := acknowledged - brokers.topics(number)) and time.monotonic() < deadline:
            continue
        assert not missing, f"broker {number} knows nothing of {sorted(missing)}"


def refused(brokers: Brokers, number: int, topic: str) -> tuple[ErrorCode, str]:
    """What a broker says to a request that it cannot carry out."""
    with RawClient(brokers.ports[number]) as client:
        wanted = CreatableTopic(name=topic, num_partitions=1, replication_factor=1)
        answer = client.ask(CreateTopicsRequest(topics=[wanted], timeout_ms=1_000), 7)
        return ErrorCode(answer.topics[0].error_code), answer.topics[0].error_message


@pytest.mark.parametrize("new_admin", ADMINS.values(), ids=ADMINS)
def test_creation_goes_on_when_the_leader_is_killed(brokers: Brokers, new_admin: Callable[[str], Admin]) -> None:
    pauses: list[str] = []
    acknowledged: set[str] = set()
    for number in range(ROUNDS):
        with Creation(new_admin(brokers.bootstrap), f"round-{number}") as creation:
            creation.until_more(PORTION)
            leader = brokers.leader()
            brokers.kill(leader)
            killed_at = time.monotonic()
            creation.until_more(PORTION)
        pauses.append(f"{creation.pause_after(killed_at) * 1000:.0f} ms")
        acknowledged |= creation.names
        check_nothing_is_lost(brokers, acknowledged)
        brokers.start(leader)
        check_nothing_is_lost(brokers, acknowledged)
        assert len(brokers.running) == COUNT
    print(f"from the kill of the leader to the next topic: {', '.join(pauses)}; {len(acknowledged)} topics")


@pytest.mark.parametrize("new_admin", ADMINS.values(), ids=ADMINS)
def test_a_minority_refuses_in_a_way_that_may_pass_and_comes_back(
    brokers: Brokers, new_admin: Callable[[str], Admin]
) -> None:
    with Creation(new_admin(brokers.bootstrap), "before") as creation:
        creation.until_more(PORTION)
    down = [brokers.leader(), (brokers.leader() + 1) % COUNT]
    (left,) = set(range(COUNT)) - set(down)
    brokers.kill(*down)
    code, words = refused(brokers, left, "raw")
    assert code is ErrorCode.REQUEST_TIMED_OUT
    assert code.retriable
    assert "no majority of the metadata quorum" in words
    admin = new_admin(f"127.0.0.1:{brokers.ports[left]}")
    with pytest.raises(MayPass):
        admin.create("through-a-client")
    admin.close()
    check_nothing_is_lost(brokers, creation.names)
    brokers.start(down[0])
    with Creation(new_admin(brokers.bootstrap), "after") as after:
        after.until_more(PORTION)
    brokers.start(down[1])
    check_nothing_is_lost(brokers, creation.names | after.names)


def test_each_is_stopped_and_started_in_turn(brokers: Brokers) -> None:
    with Creation(ADMINS["confluent-kafka"](brokers.bootstrap), "rolling") as creation:
        for number in range(COUNT):
            creation.until_more(PORTION)
            assert brokers.stop(number) == 0
            creation.until_more(PORTION)
            brokers.start(number)
        creation.until_more(PORTION)
    check_nothing_is_lost(brokers, creation.names)


def test_a_cluster_is_founded_by_command(tmp_path: Path) -> None:
    brokers = Brokers(tmp_path)
    brokers.found_by_command()
    try:
        brokers.start()
        with Creation(ADMINS["confluent-kafka"](brokers.bootstrap), "first") as creation:
            creation.until_more(1)
        check_nothing_is_lost(brokers, creation.names)
        assert {brokers.ask(number).cluster_id for number in range(COUNT)} == {CLUSTER_ID}
    finally:
        brokers.end()


def test_all_are_killed_at_once_and_come_back(brokers: Brokers) -> None:
    with Creation(ADMINS["confluent-kafka"](brokers.bootstrap), "all") as creation:
        creation.until_more(PORTION)
        brokers.kill(*range(COUNT))
        brokers.start()
        creation.until_more(PORTION)
    check_nothing_is_lost(brokers, creation.names)
