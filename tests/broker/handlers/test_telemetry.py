"""GetTelemetrySubscriptions, PushTelemetry: the codes of Kafka, and what comes of a push."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cordwood.metadata import ResourceKind
from cordwood.records.batch import Codec
from cordwood.records.compression import compress
from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.api_versions import ApiVersionsRequest
from cordwood.wire.messages.get_telemetry_subscriptions import GetTelemetrySubscriptionsRequest
from cordwood.wire.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
)
from cordwood.wire.messages.push_telemetry import PushTelemetryRequest
from tests.raw_client import RawClient
from tests.telemetry.pushes import gauge, point, push

NOBODY = bytes(16)


def subscribe(client: RawClient, name: str, **configs: str | None) -> None:
    changes = [AlterableConfig(key.replace("_", "."), 0 if value else 1, value) for key, value in configs.items()]
    resource = AlterConfigsResource(int(ResourceKind.CLIENT_METRICS), name, changes)
    response = client.ask(IncrementalAlterConfigsRequest(resources=[resource]), 1).responses[0]
    assert response.error_code == 0, response.error_message


def ask(client: RawClient, instance_id: bytes = NOBODY) -> Any:
    return client.ask(GetTelemetrySubscriptionsRequest(client_instance_id=instance_id), 0)


def send(client: RawClient, asked: Any, metrics: bytes, **fields: Any) -> int:
    request = PushTelemetryRequest(
        client_instance_id=asked.client_instance_id, subscription_id=asked.subscription_id, metrics=metrics
    )
    for name, value in fields.items():
        setattr(request, name, value)
    code: int = client.ask(request, 0).error_code
    return code


def shown(server: Server) -> dict[str, list[float]]:
    return {family.name: [value for _, value in family.rows] for family in server.node.telemetry_report().families}


@pytest.fixture
def everything(client: RawClient) -> Iterator[None]:
    """All metrics are subscribed to, at a distance of an hour at most; each test's own subscription."""
    subscribe(client, "everything", metrics="*")
    yield
    subscribe(client, "everything", metrics=None)


def test_it_is_advertised(client: RawClient) -> None:
    keys = {api.api_key for api in client.ask(ApiVersionsRequest(), 0).api_keys}
    assert {71, 72} <= keys


def test_where_nothing_is_subscribed_to_nothing_is_wanted(client: RawClient) -> None:
    asked = ask(client)
    assert asked.error_code == 0
    assert asked.requested_metrics == []
    assert asked.push_interval_ms == 300_000
    assert asked.telemetry_max_bytes == 1_048_576
    assert asked.accepted_compression_types == [4, 3, 1, 2]
    assert asked.delta_temporality
    assert asked.client_instance_id != NOBODY
    assert ask(client).client_instance_id != asked.client_instance_id


def test_an_id_is_kept(client: RawClient) -> None:
    mine = b"sixteen bytes id"
    assert ask(client, mine).client_instance_id == mine
    assert ask(client, mine).error_code == ErrorCode.THROTTLING_QUOTA_EXCEEDED


@pytest.mark.parametrize("codec", [Codec.NONE, Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD])
def test_what_is_pushed_is_shown(client: RawClient, server: Server, everything: None, codec: Codec) -> None:
    asked = ask(client)
    assert asked.requested_metrics == ["*"]
    payload = compress(codec, push(gauge(f"org.apache.kafka.{codec.name}", point(codec + 0.5))))
    assert send(client, asked, payload, compression_type=int(codec)) == 0
    assert shown(server)[f"org_apache_kafka_{codec.name}"] == [codec + 0.5]


def test_labels_say_who_pushed(client: RawClient, server: Server, everything: None) -> None:
    client.ask(ApiVersionsRequest(client_software_name="mine", client_software_version="1.2"), 3)
    assert send(client, ask(client), push(gauge("labelled", point(1.0, node="7")))) == 0
    (family,) = [one for one in server.node.telemetry_report().families if one.name == "client_labelled"]
    ((labels, _),) = family.rows
    assert b'client_id="raw"' in labels
    assert b'client_software_name="mine",client_software_version="1.2",node="7"' in labels


def test_subscriptions_are_matched(client: RawClient) -> None:
    subscribe(client, "mine", metrics="org.a,org.b", interval_ms="5000", match="client_source_address=127.*")
    subscribe(client, "others", metrics="org.c", interval_ms="100", match="client_id=other")
    asked = ask(client)
    assert (sorted(asked.requested_metrics), asked.push_interval_ms) == (["org.a", "org.b"], 5000)
    subscribe(client, "mine", metrics=None, interval_ms=None, match=None)
    # A change lets everybody ask at once.
    again = ask(client, asked.client_instance_id)
    assert (again.error_code, again.requested_metrics) == (0, [])
    assert again.subscription_id != asked.subscription_id
    subscribe(client, "others", metrics=None, interval_ms=None, match=None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"client_instance_id": NOBODY}, ErrorCode.INVALID_REQUEST),
        ({"client_instance_id": (1).to_bytes(16, "big")}, ErrorCode.INVALID_REQUEST),
        ({"subscription_id": 12345}, ErrorCode.UNKNOWN_SUBSCRIPTION_ID),
        ({"compression_type": 5}, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE),
        ({"metrics": bytes(1_048_577)}, ErrorCode.TELEMETRY_TOO_LARGE),
        ({"metrics": compress(Codec.ZSTD, bytes(1_048_577)), "compression_type": 4}, ErrorCode.TELEMETRY_TOO_LARGE),
        ({"metrics": b"\xff"}, ErrorCode.INVALID_RECORD),
        ({"metrics": b"no zstd", "compression_type": 4}, ErrorCode.INVALID_RECORD),
        ({"metrics": b""}, ErrorCode.NONE),
    ],
)
def test_what_cannot_be_taken_has_a_code(client: RawClient, fields: dict[str, Any], code: ErrorCode) -> None:
    assert send(client, ask(client), **{"metrics": push(gauge("g", point(1.0))), **fields}) == code


def test_who_pushes_twice_in_an_interval_is_too_early(client: RawClient) -> None:
    asked = ask(client)
    assert send(client, asked, b"") == 0
    assert send(client, asked, b"") == ErrorCode.THROTTLING_QUOTA_EXCEEDED
    assert send(client, asked, b"", terminating=True) == 0
    assert send(client, asked, b"", terminating=True) == ErrorCode.INVALID_REQUEST


def test_who_is_told_that_its_subscription_is_unknown_asks_again(client: RawClient) -> None:
    asked = ask(client)
    assert send(client, asked, b"", subscription_id=1) == ErrorCode.UNKNOWN_SUBSCRIPTION_ID
    assert ask(client, asked.client_instance_id).error_code == 0


def test_a_client_that_comes_back_begins_anew(connect: Callable[[], RawClient], server: Server) -> None:
    first = connect()
    asked = ask(first)
    before = server.node.telemetry_report().instances
    first.__exit__(None, None, None)
    second = connect()
    while server.node.telemetry_report().instances == before:
        second.ask(ApiVersionsRequest(), 0)
    assert ask(second, asked.client_instance_id).error_code == 0
