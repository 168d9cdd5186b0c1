"""The measure of many partitions, on a few of a broker in this process."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bench.conversation import Conversation
from bench.generator import BenchError
from bench.measures import partitions
from cordwood.testing import Server
from cordwood.wire.messages.metadata import MetadataRequest, MetadataResponse

NAMES = ["one", "two", "three", "four"]


def test_its_parts_do_what_they_say() -> None:
    with Server() as server:
        subject: Any = SimpleNamespace(port=server.port)
        assert not partitions._leads(subject, NAMES)
        created = partitions._created(subject, NAMES)
        assert created.keys() == {"create_1_per_s", "create_50_per_s"}
        assert partitions._leads(subject, NAMES)
        assert partitions._answers(subject, NAMES).keys() == {"all_ms", "one_ms", "describe_ms"}
        assert all(partition.log.at_rest is not None for partition in server.node.held_partitions)
        for count in (1, 2):
            assert partitions._write(subject, NAMES) > 0
            assert {partition.high_watermark for partition in server.node.held_partitions} == {count}
        with pytest.raises(BenchError, match="one cannot be created: error 36"):
            partitions._created(subject, NAMES[:2])
        with pytest.raises(BenchError, match="none takes no message"):
            partitions._write(subject, ["none"])
    assert not partitions._leads(subject, NAMES)


def test_a_conversation_ends_when_the_server_does() -> None:
    with Server() as server:
        conversation = Conversation(server.port)
        assert conversation.ask(MetadataRequest(topics=[]), 9, MetadataResponse).brokers
    with conversation, pytest.raises((BenchError, OSError)):
        conversation.ask(MetadataRequest(topics=[]), 9, MetadataResponse)
