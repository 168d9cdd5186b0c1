"""Every setting of brokers that is said to change while they run does so: a row that nobody follows fails here.

For each such row a running broker is given another value by IncrementalAlterConfigs. What the broker goes by, its logs, its
compaction, its limits, must be another then, and what it was when the value is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from cordwood.model.ids import TopicPartition
from cordwood.model.settings import BROKER, Kind, Setting
from cordwood.node.node import Node
from cordwood.replica.log_settings import opening_threads
from cordwood.testing import Server
from tests.broker.conftest import new_topic
from tests.broker.handlers.test_configs import BROKER as BROKERS
from tests.broker.handlers.test_configs import DELETE, SET, change
from tests.raw_client import RawClient

LIVE: Final = tuple(row for row in BROKER.values() if row.dynamic and row.acted_on)

OTHERS: Final[Mapping[str, str]] = {
    "compression.gzip.level": "5",
    "compression.type": "zstd",
    "log.cleaner.dedupe.buffer.size": "200000000",
    "log.cleaner.io.buffer.load.factor": "0.5",
    "log.cleaner.io.max.bytes.per.second": "1000000",
    "log.cleaner.min.cleanable.ratio": "0.25",
    "log.cleanup.policy": "compact",
    "log.flush.policy": "os",
    "log.index.size.max.bytes": "1024",
    "log.message.timestamp.type": "LogAppendTime",
}
"""Values that are not the default, where one more or less than that is none."""


def other_value(row: Setting) -> str:
    """A value that is neither the default nor out of range."""
    if row.name in OTHERS:
        return OTHERS[row.name]
    assert row.kind in (Kind.INT, Kind.SHORT, Kind.LONG), f"name another value of {row.name} in OTHERS"
    default = row.default
    assert default is None or isinstance(default, int)
    candidates = (100_000, 200_000) if default is None or abs(default) > 10_000 else (default + 1, default - 1)
    for candidate in candidates:
        inside = (row.low is None or candidate >= row.low) and (row.high is None or candidate <= row.high)
        if candidate != default and inside:
            return str(candidate)
    raise AssertionError(f"name another value of {row.name} in OTHERS")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[RawClient]:
    with RawClient(server.port) as connected:
        yield connected


@pytest.fixture(scope="module")
def topics(client: RawClient) -> list[str]:
    """Topics for each of which some settings of the broker count."""
    codecs = [new_topic(client, compression_type=codec) for codec in ("gzip", "lz4", "zstd")]
    return [new_topic(client), new_topic(client, cleanup_policy="compact,delete"), *codecs]


def goes_by(node: Node, topics: list[str]) -> dict[str, Any]:
    """All that a running broker goes by of its settings."""
    found: dict[str, Any] = {
        "compaction": node.cleaning.config,
        "connection rate": node._limiting.connections.broker_rate,
        "listeners": [listener.config for listener in node._ports._listeners],
        "threads of the next start": opening_threads(node._layers_of(node.image)),
    }
    for topic in topics:
        partition = node.partitions.get(TopicPartition(topic, 0))
        compactor = node.cleaning.compactor_of(partition.log)
        found[topic] = (
            partition.log.config,
            partition.min_in_sync_replicas,
            partition.demands,
            None if compactor is None else compactor.config,
        )
    return found


@pytest.mark.parametrize("row", LIVE, ids=lambda row: row.name)
@pytest.mark.parametrize("broker", ["", "1"], ids=["all", "one"])
def test_a_live_setting_is_followed(
    server: Server, client: RawClient, topics: list[str], row: Setting, broker: str
) -> None:
    before = goes_by(server.node, topics)
    answer = change(client, BROKERS, broker, (row.name, SET, other_value(row)))
    assert (answer.error_code, answer.error_message) == (0, None)
    assert goes_by(server.node, topics) != before, f"{row.name} is said to change live, and nothing follows it"
    assert change(client, BROKERS, broker, (row.name, DELETE, None)).error_code == 0
    assert goes_by(server.node, topics) == before


@pytest.mark.parametrize(
    "row", [row for row in BROKER.values() if not row.dynamic and row.acted_on], ids=lambda row: row.name
)
def test_other_settings_are_refused(client: RawClient, row: Setting) -> None:
    text = row.render(row.default) or "x"
    assert change(client, BROKERS, "", (row.name, SET, text), validate_only=True).error_code != 0
