"""Quotas are set and found over the wire, and clients are held to them: told how long, with their connections muted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.alter_client_quotas import AlterClientQuotasRequest, EntityData, EntryData, OpData
from cordwood.wire.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from cordwood.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest
from cordwood.wire.messages.delete_topics import DeleteTopicsRequest
from cordwood.wire.messages.describe_client_quotas import ComponentData, DescribeClientQuotasRequest
from cordwood.wire.messages.fetch import FetchResponse
from cordwood.wire.messages.metadata import MetadataRequest
from tests.broker.handlers.messages import batch_of, fetch_request, in_the_broker, produce_request, values_of
from tests.raw_client import RawClient

RAW = [EntityData(entity_type="client-id", entity_name="raw")]
"""What a RawClient calls itself."""


def alter(client: RawClient, entity: list[EntityData], *, version: int = 1, **quotas: float | None) -> Any:
    ops = [OpData(key=key, value=value or 0.0, remove=value is None) for key, value in quotas.items()]
    request = AlterClientQuotasRequest(entries=[EntryData(entity=entity, ops=ops)])
    return client.ask(request, version).entries[0]


def described(client: RawClient, *components: ComponentData, strict: bool = False, version: int = 1) -> Any:
    answer = client.ask(DescribeClientQuotasRequest(components=list(components), strict=strict), version)
    if answer.error_code:
        return ErrorCode(answer.error_code)
    return [
        (
            {part.entity_type: part.entity_name for part in entry.entity},
            {value.key: value.value for value in entry.values},
        )
        for entry in answer.entries
    ]


@pytest.fixture
def limited(server: Server, connect: Callable[[], RawClient]) -> Iterator[Callable[..., None]]:
    """Sets quotas of the clients of the test, which are gone after it. Their connections are never muted for long."""
    keys = set()

    def limit(**quotas: float) -> None:
        keys.update(quotas)
        assert alter(connect(), RAW, **quotas).error_code == 0

    yield limit

    def forget() -> None:
        limiting = server.node.context.quotas
        for kind in (limiting.produce, limiting.fetch, limiting.request, limiting.mutation):
            kind.follow({})

    in_the_broker(server, forget)
    with RawClient(server.port) as last:
        assert alter(last, RAW, **dict.fromkeys(keys)).error_code == 0


@pytest.mark.parametrize("version", [0, 1])
def test_quotas_are_set_found_and_taken_away(client: RawClient, version: int) -> None:
    alice = [EntityData(entity_type="user", entity_name="alice")]
    anybody = [EntityData(entity_type="user", entity_name=None)]
    assert alter(client, alice, version=version, producer_byte_rate=1024.0, request_percentage=12.5).error_code == 0
    assert alter(client, anybody, version=version, consumer_byte_rate=7.0).error_code == 0
    wanted = ComponentData(entity_type="user", match_type=2)
    assert described(client, wanted, strict=True, version=version) == [
        ({"user": "alice"}, {"producer_byte_rate": 1024.0, "request_percentage": 12.5}),
        ({"user": None}, {"consumer_byte_rate": 7.0}),
    ]
    assert alter(client, alice, producer_byte_rate=None, request_percentage=None).error_code == 0
    assert alter(client, anybody, consumer_byte_rate=None).error_code == 0
    assert described(client, wanted) == []


def test_each_entry_has_its_own_error(client: RawClient) -> None:
    user = [EntityData(entity_type="user", entity_name="bob")]
    entries = [
        EntryData(entity=user, ops=[OpData(key="nonsense", value=1.0)]),
        EntryData(entity=[EntityData(entity_type="ip", entity_name="256.1.1.1.nowhere.invalid")], ops=[]),
        EntryData(entity=[EntityData(entity_type="ip", entity_name="::1")], ops=[]),
    ]
    answer = client.ask(AlterClientQuotasRequest(entries=entries), 1)
    codes = [ErrorCode(entry.error_code) for entry in answer.entries]
    assert codes == [ErrorCode.INVALID_REQUEST, ErrorCode.INVALID_REQUEST, ErrorCode.NONE]
    assert "not a valid IP or resolvable host" in answer.entries[1].error_message
    assert [entry.entity[0].entity_type for entry in answer.entries] == ["user", "ip", "ip"]


def test_what_is_only_judged_is_not_set(client: RawClient) -> None:
    entry = EntryData(
        entity=[EntityData(entity_type="user", entity_name="eve")], ops=[OpData(key="producer_byte_rate", value=1.0)]
    )
    answer = client.ask(AlterClientQuotasRequest(entries=[entry], validate_only=True), 1)
    assert answer.entries[0].error_code == 0
    assert described(client, ComponentData(entity_type="user", match_type=0, match="eve")) == []


@pytest.mark.parametrize(
    ("component", "code"),
    [
        (ComponentData(entity_type="group", match_type=2), ErrorCode.UNSUPPORTED_VERSION),
        (ComponentData(entity_type="user", match_type=7), ErrorCode.INVALID_REQUEST),
    ],
)
def test_a_filter_that_makes_no_sense(client: RawClient, component: ComponentData, code: ErrorCode) -> None:
    assert described(client, component) is code


@pytest.mark.parametrize("acks", [-1, 1])
def test_a_producer_over_its_quota_is_told_and_what_it_sent_is_there(
    client: RawClient, topic: str, limited: Callable[..., None], acks: int
) -> None:
    limited(producer_byte_rate=1_000_000.0)
    answer = client.ask(produce_request(topic, batch_of([bytes(1_020_000)]), acks=acks), 9)
    assert answer.responses[0].partition_responses[0].error_code == 0
    assert 1_000 < answer.throttle_time_ms < 1_200


def test_what_arrives_with_it_waits_and_others_do_not(
    server: Server, client: RawClient, connect: Callable[[], RawClient], topic: str, limited: Callable[..., None]
) -> None:
    """Also behind a request that is not answered at all."""
    limited(producer_byte_rate=1_000_000.0)
    throttled = server.node.throttle_counts()["Produce"]
    before = throttled.throttled
    sent = [produce_request(topic, batch_of([bytes(size)]), acks=0) for size in (500_000, 520_000, 1, 2)]
    for request in sent:
        client.send(request, 9, answered=False)
    partition = server.node.partitions.get((topic, 0))
    assert partition is not None
    other = connect()
    while partition.log.end_offset < 2:
        assert other.ask(MetadataRequest(topics=[]), 9).throttle_time_ms == 0
    assert (throttled.throttled, throttled.seconds > 0) == (before + 1, True)
    for _ in range(20):
        assert other.ask(MetadataRequest(topics=[]), 9).throttle_time_ms == 0
    assert partition.log.end_offset == 2, "they are muted for a second"


def fill(client: RawClient, topic: str, count: int, size: int) -> None:
    for _ in range(count):
        client.ask(produce_request(topic, batch_of([bytes(size)])), 9)


def test_a_consumer_gets_no_more_than_is_left_and_then_nothing(
    client: RawClient, connect: Callable[[], RawClient], topic: str, limited: Callable[..., None]
) -> None:
    fill(client, topic, 6, 20_000)
    limited(consumer_byte_rate=50_000.0)
    first = client.ask(fetch_request(topic, 0), 12)
    assert len(values_of(first.responses[0].partitions[0].records)) == 2, "a third would be over the quota"
    assert first.throttle_time_ms == 0
    second = client.ask(fetch_request(topic, 2), 12)
    assert len(values_of(second.responses[0].partitions[0].records)) == 1, "one batch at least"
    assert second.throttle_time_ms > 0
    other = connect().ask(fetch_request(topic, 3), 12)
    assert other.responses == []
    assert 0 < other.throttle_time_ms <= second.throttle_time_ms


def test_a_batch_larger_than_the_quota_does_not_stop_its_consumer(
    client: RawClient, connect: Callable[[], RawClient], topic: str, limited: Callable[..., None]
) -> None:
    fill(client, topic, 1, 5_000)
    limited(consumer_byte_rate=10.0)
    answer = client.ask(fetch_request(topic, 0), 12)
    assert len(values_of(answer.responses[0].partitions[0].records)) == 1
    assert answer.throttle_time_ms > 490_000


def test_who_is_refused_has_the_session_it_had(
    client: RawClient, connect: Callable[[], RawClient], topic: str, limited: Callable[..., None]
) -> None:
    fill(client, topic, 1, 5_000)
    one, two = connect(), connect()
    session = one.ask(fetch_request(topic, 0, session_epoch=0), 12).session_id
    assert session
    limited(consumer_byte_rate=10.0)
    connect().ask(fetch_request(topic, 0), 12)
    again: FetchResponse = one.ask(fetch_request(topic, 0, session_id=session, session_epoch=1), 12)
    assert (again.session_id, again.responses, again.throttle_time_ms > 0) == (session, [], True)
    new = two.ask(fetch_request(topic, 0, session_epoch=0), 12)
    assert (new.session_id, new.responses, new.throttle_time_ms > 0) == (0, [], True)


def test_a_long_poll_of_who_is_over_is_answered(
    client: RawClient, connect: Callable[[], RawClient], topic: str, limited: Callable[..., None]
) -> None:
    limited(consumer_byte_rate=10.0)
    client.send(fetch_request(topic, 0, max_wait_ms=20_000), 12)
    fill(connect(), topic, 1, 5_000)
    answer = client.receive()
    assert len(values_of(answer.responses[0].partitions[0].records)) == 1
    assert answer.throttle_time_ms > 0


def test_the_time_of_the_broker(client: RawClient, limited: Callable[..., None]) -> None:
    limited(request_percentage=1e-6)
    assert client.ask(MetadataRequest(topics=None), 9).throttle_time_ms == 1_000


def create(client: RawClient, name: str, version: int, partitions: int = 3, *, validate_only: bool = False) -> Any:
    wanted = [CreatableTopic(name=name, num_partitions=partitions, replication_factor=1)]
    return client.ask(CreateTopicsRequest(topics=wanted, validate_only=validate_only), version)


def test_changes_of_topics_are_refused_when_they_are_too_many(
    client: RawClient, connect: Callable[[], RawClient], limited: Callable[..., None]
) -> None:
    limited(controller_mutation_rate=1.0)
    assert create(client, "mutations-a", 7, 12).throttle_time_ms == 0, "eleven in advance"
    refused = create(client, "mutations-b", 7)
    assert refused.topics[0].error_code == ErrorCode.THROTTLING_QUOTA_EXCEEDED
    assert 0 < refused.throttle_time_ms <= 1_000
    grown = CreatePartitionsRequest(topics=[CreatePartitionsTopic(name="mutations-a", count=13)])
    answer = client.ask(grown, 3)
    assert answer.results[0].error_code == ErrorCode.THROTTLING_QUOTA_EXCEEDED
    assert answer.throttle_time_ms > 0
    deletion = client.ask(DeleteTopicsRequest(topic_names=["mutations-a"]), 5)
    assert deletion.responses[0].error_code == ErrorCode.THROTTLING_QUOTA_EXCEEDED
    judged = create(client, "mutations-b", 7, validate_only=True)
    assert (judged.topics[0].error_code, judged.throttle_time_ms) == (0, 0), "what is only judged costs nothing"


def test_older_versions_are_held_up_instead(
    client: RawClient, connect: Callable[[], RawClient], limited: Callable[..., None]
) -> None:
    limited(controller_mutation_rate=1.0)
    answer = create(client, "mutations-c", 5, 14)
    assert answer.topics[0].error_code == 0
    assert answer.throttle_time_ms == 3_000
    old = connect().ask(DeleteTopicsRequest(topic_names=["mutations-c"]), 4)
    assert (old.responses[0].error_code, old.throttle_time_ms > 3_000) == (0, True)
