"""Each client writes, and each reads back what every other wrote: codecs, keys, headers, nulls, timestamps, 1 MB, acks."""

from __future__ import annotations

import pytest

from tests.clients.conftest import need
from tests.clients.harness.clients import CLIENTS
from tests.clients.harness.records import LANES

every_client = [pytest.param(client, id=client.name) for client in CLIENTS]


@pytest.mark.parametrize("producer", every_client)
def test_offsets_are_told_in_order(matrix, producer):
    need(producer)
    offsets = matrix.acknowledged(producer.name)
    for partition, lane in enumerate(LANES):
        # With acks=0 nobody knows where a record went, and each client says something of its own.
        if lane.acks != "0":
            assert offsets[partition] == list(range(len(matrix.expected(producer.name, partition)))), lane


@pytest.mark.parametrize("consumer", every_client)
@pytest.mark.parametrize("producer", every_client)
def test_reads_back(matrix, producer, consumer):
    need(producer, consumer)
    findings = matrix.differences(producer.name, consumer.name)
    assert not findings, "\n".join(findings)
