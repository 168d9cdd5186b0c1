"""A connection asks and reads one answer, and its deadline comes."""

from __future__ import annotations

import pytest

from cordwood.cli.client.deadline import Deadline
from cordwood.cli.cluster.connection import Connection
from cordwood.env.clock import SystemClock
from cordwood.model.errors import ProtocolError
from cordwood.wire.messages.metadata import MetadataRequest, MetadataResponse
from tests.cli.scripted_broker import Script, ScriptedBroker


def asked(script: Script, seconds: float = 5.0) -> MetadataResponse:
    deadline = Deadline(seconds, SystemClock())
    with ScriptedBroker(script) as broker:
        connection = Connection(broker.place, deadline)
        try:
            response = connection.ask(MetadataRequest(topics=[]), 12, deadline)
        finally:
            connection.close()
    assert isinstance(response, MetadataResponse)
    return response


def test_a_request_has_its_answer() -> None:
    assert asked(lambda request: MetadataResponse(cluster_id="c")).cluster_id == "c"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, ConnectionResetError),
        (b"\x7f\xff\xff\xff", ProtocolError),
        (b"\0\0\0\4\0\0\0\x63", ProtocolError),
    ],
)
def test_what_is_no_answer(answer: bytes | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        asked(lambda request: answer)


def test_nothing_is_waited_for_longer_than_the_deadline() -> None:
    with pytest.raises(TimeoutError):
        asked(lambda request: b"", 0.1)
