"""Transactions of each client, and what each client reads of them: what was committed, in order; or everything.

CLIENTS_SEED chooses who writes what when, and which transactions are aborted.
"""

from __future__ import annotations

import pytest

from tests.clients.conftest import need
from tests.clients.harness.clients import CLIENTS, every_client
from tests.clients.harness.transactor import TRANSACTIONAL
from tests.clients.harness.transcripts import ISOLATIONS, Transcripts

pytestmark = pytest.mark.timeout(300)

every_writer = pytest.mark.parametrize("writer", TRANSACTIONAL, ids=[client.name for client in TRANSACTIONAL])


@pytest.fixture(scope="module")
def transcripts(broker, create):
    """What every client that is installed wrote in transactions, and read of the others."""
    writers = [client for client in TRANSACTIONAL if client.absence() is None]
    readers = [client for client in CLIENTS if client.absence() is None]
    return Transcripts(broker.bootstrap, writers, readers, create)


@every_writer
def test_both_ends_of_transactions_are_tried(transcripts, writer):
    need(writer)
    transcript = transcripts.written(writer)
    assert len(transcript.committed) > 10
    assert len(transcript.aborted) > 10


@pytest.mark.parametrize("isolation", ISOLATIONS)
@every_client
@every_writer
def test_reads_exactly_what_is_there_for_it(transcripts, writer, client, isolation):
    need(writer, client)
    assert transcripts.found(client, writer, isolation) == transcripts.expected(writer, isolation)
