"""InitProducerId."""

from __future__ import annotations

import pytest

from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.init_producer_id import InitProducerIdRequest
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(6))
def test_every_producer_gets_its_own_id(client: RawClient, version: int) -> None:
    answers = [client.ask(InitProducerIdRequest(transactional_id=None), version) for _ in range(3)]
    assert [answer.error_code for answer in answers] == [0, 0, 0]
    assert [answer.producer_epoch for answer in answers] == [0, 0, 0]
    assert len({answer.producer_id for answer in answers}) == 3


def test_ids_go_on_beyond_one_block(client: RawClient) -> None:
    for _ in range(1100):
        client.send(InitProducerIdRequest(transactional_id=None), 4)
    ids = [client.receive().producer_id for _ in range(1100)]
    assert len(set(ids)) == 1100


def test_transactional_ids_have_no_coordinator_yet(client: RawClient) -> None:
    answer = client.ask(InitProducerIdRequest(transactional_id="t", transaction_timeout_ms=1000), 4)
    assert answer.error_code == ErrorCode.COORDINATOR_NOT_AVAILABLE
