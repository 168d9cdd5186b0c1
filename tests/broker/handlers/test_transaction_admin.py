"""DescribeTransactions and ListTransactions with all their filters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.describe_transactions import DescribeTransactionsRequest
from cordwood.wire.messages.list_transactions import ListTransactionsRequest
from tests.broker.conftest import new_topic
from tests.broker.handlers.by_hand import HandProducer
from tests.raw_client import RawClient


@pytest.fixture(scope="module")
def busy() -> Iterator[tuple[RawClient, str, dict[str, HandProducer]]]:
    """A broker with one id that has an open transaction, one whose transaction is over, and one that never had any."""
    with Server() as server, RawClient(server.port) as client:
        topic = new_topic(client, partitions=3)
        producers = {name: HandProducer(client, name) for name in ("pay-open", "pay-done", "idle")}
        for producer in producers.values():
            producer.begin()
        producers["pay-open"].add(topic, 2, 0)
        producers["pay-done"].add(topic, 1)
        producers["pay-done"].end(commit=True)
        producers["pay-done"].begin()  # Waits for the markers.
        yield client, topic, producers


def test_an_open_transaction_is_described(busy: tuple[RawClient, str, dict[str, HandProducer]]) -> None:
    client, topic, producers = busy
    request = DescribeTransactionsRequest(transactional_ids=["pay-open", "nobody's", "idle"])
    found, missing, idle = client.ask(request, 0).transaction_states
    assert (found.error_code, found.transaction_state, found.transaction_timeout_ms) == (0, "Ongoing", 60_000)
    assert (found.producer_id, found.producer_epoch) == (producers["pay-open"].producer_id, 0)
    assert [(one.topic, one.partitions) for one in found.topics] == [(topic, [0, 2])]
    assert found.transaction_start_time_ms > 0
    assert (missing.error_code, missing.transactional_id) == (ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, "nobody's")
    assert (idle.error_code, idle.transaction_state, idle.topics) == (0, "Empty", [])


@pytest.mark.parametrize("version", range(3))
def test_all_are_listed(busy: tuple[RawClient, str, dict[str, HandProducer]], version: int) -> None:
    client, _, producers = busy
    answer = client.ask(ListTransactionsRequest(), version)
    assert (answer.error_code, answer.unknown_state_filters) == (0, [])
    found = {one.transactional_id: (one.producer_id, one.transaction_state) for one in answer.transaction_states}
    states = {"pay-open": "Ongoing", "pay-done": "Empty", "idle": "Empty"}
    assert found == {name: (producers[name].producer_id, state) for name, state in states.items()}


def listed(client: RawClient, version: int = 2, **filters: object) -> list[str]:
    answer = client.ask(ListTransactionsRequest(**filters), version)
    assert answer.error_code == 0
    return sorted(one.transactional_id for one in answer.transaction_states)


def test_filters(busy: tuple[RawClient, str, dict[str, HandProducer]]) -> None:
    client, _, producers = busy
    assert listed(client, state_filters=["Ongoing"]) == ["pay-open"]
    assert listed(client, producer_id_filters=[producers["idle"].producer_id]) == ["idle"]
    assert listed(client, transactional_id_pattern="pay-.*") == ["pay-done", "pay-open"]
    assert listed(client, transactional_id_pattern="pay") == []
    assert listed(client, transactional_id_pattern="") == ["idle", "pay-done", "pay-open"]
    assert listed(client, duration_filter=3_600_000) == []
    answer = client.ask(ListTransactionsRequest(state_filters=["Ongoing", "Gone", "Away"]), 0)
    assert answer.unknown_state_filters == ["Away", "Gone"]


def test_a_pattern_that_cannot_be_read(busy: tuple[RawClient, str, dict[str, HandProducer]]) -> None:
    client, _, _ = busy
    answer = client.ask(ListTransactionsRequest(transactional_id_pattern="(("), 2)
    assert (answer.error_code, answer.transaction_states) == (ErrorCode.INVALID_REGULAR_EXPRESSION, [])
