"""Requests about settings are answered with the error codes of Apache Kafka 4.3.

What Kafka 4.3.0 answered, a single broker with one topic `t`, is in tests/golden/settings/kafka-4.3.0-answers.jsonl, a
request on each line: describe, change (IncrementalAlterConfigs), replace (AlterConfigs) and list, the kind and name of the
resource, settings, and the code that came back.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.alter_configs import AlterableConfig, AlterConfigsRequest, AlterConfigsResource
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest
from cordwood.wire.messages.list_config_resources import ListConfigResourcesRequest
from tests.broker.handlers.test_configs import APPEND, BROKER, METRICS, SUBTRACT, change, describe
from tests.raw_client import RawClient

FILE: Final = Path(__file__).parents[2] / "golden" / "settings" / "kafka-4.3.0-answers.jsonl"
ANSWERS: Final = tuple(json.loads(line) for line in FILE.read_text("utf-8").splitlines())


@pytest.fixture(scope="module")
def client() -> Iterator[RawClient]:
    level = logging.root.level
    with Server() as server, RawClient(server.port) as connected:
        wanted = CreatableTopic(name="t", num_partitions=1, replication_factor=1)
        assert connected.ask(CreateTopicsRequest(topics=[wanted]), 7).topics[0].error_code == 0
        yield connected
    logging.root.setLevel(level)


def expected(answer: dict[str, Any]) -> int:
    """Kafka's code, but for what is meant to be otherwise."""
    code = int(answer["code"])
    if code == ErrorCode.UNKNOWN_SERVER_ERROR:
        return ErrorCode.INVALID_REQUEST  # An operation that there is not: Kafka trips over it.
    if answer["op"] == "change" and answer["arguments"]:
        name, operation, _ = answer["arguments"][0]
        if answer["kind"] == BROKER and name == "no.such":
            return ErrorCode.INVALID_CONFIG  # Kafka keeps settings that it does not know, for plug-ins.
        if answer["kind"] == METRICS and operation in (APPEND, SUBTRACT) and name == "metrics":
            return ErrorCode.NONE  # Kafka does not find out that it is a list.
    if answer["op"] == "replace" and (answer["kind"], answer["name"]) == (BROKER, ""):
        return ErrorCode.NONE  # Kafka needs its cluster-wide min.insync.replicas for features that are not here.
    return code


def code_of(client: RawClient, answer: dict[str, Any]) -> int:
    """What we say."""
    if answer["op"] == "list":
        return int(client.ask(ListConfigResourcesRequest(resource_types=answer["types"]), 1).error_code)
    kind, name, arguments = answer["kind"], answer["name"], answer["arguments"]
    match answer["op"]:
        case "describe":
            return int(describe(client, kind, name, arguments or None).error_code)
        case "change":
            return int(change(client, kind, name, *map(tuple, arguments)).error_code)
        case _:
            resource = AlterConfigsResource(kind, name, [AlterableConfig(*pair) for pair in arguments])
            return int(client.ask(AlterConfigsRequest(resources=[resource]), 2).responses[0].error_code)


@pytest.mark.parametrize("answer", ANSWERS, ids=json.dumps)
def test_the_code_is_kafkas(client: RawClient, answer: dict[str, Any]) -> None:
    assert ErrorCode(code_of(client, answer)).name == ErrorCode(expected(answer)).name
