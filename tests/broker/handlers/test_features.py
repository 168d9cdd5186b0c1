"""UpdateFeatures, what ApiVersions tells afterwards, and what the levels do."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.testing import Server
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.api_versions import ApiVersionsRequest
from cordwood.wire.messages.consumer_group_describe import ConsumerGroupDescribeRequest
from cordwood.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from cordwood.wire.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest
from tests.raw_client import RawClient

UPGRADE, SAFE, UNSAFE = 1, 2, 3
GROUPS, TRANSACTIONS = "group.version", "transaction.version"


def update(client: RawClient, *wanted: tuple[str, int, int], version: int = 2, validate_only: bool = False) -> Any:
    updates = [FeatureUpdateKey(name, level, upgrade_type=way) for name, level, way in wanted]
    return client.ask(UpdateFeaturesRequest(5_000, updates, validate_only), version)


def told(client: RawClient, version: int = 4) -> tuple[dict[str, int], int]:
    """The levels that clients are told, and their epoch."""
    answer = client.ask(ApiVersionsRequest(client_software_name="raw", client_software_version="1"), version)
    return {one.name: one.max_version_level for one in answer.finalized_features}, answer.finalized_features_epoch


def test_levels_before_any_change() -> None:
    with Server() as server, RawClient(server.port) as client:
        assert told(client) == told(client, 3)
        assert told(client) == ({GROUPS: 1, "kraft.version": 1, "metadata.version": 30, TRANSACTIONS: 2}, 0)
        answer = client.ask(ApiVersionsRequest(client_software_name="raw", client_software_version="1"), 4)
        assert {(one.name, one.min_version, one.max_version) for one in answer.supported_features} == {
            (GROUPS, 0, 1),
            ("kraft.version", 1, 1),
            ("metadata.version", 30, 30),
            (TRANSACTIONS, 0, 2),
        }


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ((TRANSACTIONS, 2, UPGRADE), ErrorCode.NONE),
        ((TRANSACTIONS, 2, SAFE), ErrorCode.NONE),
        ((TRANSACTIONS, 1, SAFE), ErrorCode.NONE),
        ((TRANSACTIONS, 0, UNSAFE), ErrorCode.NONE),
        ((GROUPS, 0, SAFE), ErrorCode.NONE),
        (("metadata.version", 30, UPGRADE), ErrorCode.NONE),
        ((TRANSACTIONS, 1, UPGRADE), ErrorCode.INVALID_UPDATE_VERSION),
        ((TRANSACTIONS, 9, UPGRADE), ErrorCode.INVALID_UPDATE_VERSION),
        ((TRANSACTIONS, -1, UNSAFE), ErrorCode.INVALID_UPDATE_VERSION),
        ((TRANSACTIONS, 2, 0), ErrorCode.INVALID_UPDATE_VERSION),
        ((TRANSACTIONS, 1, 4), ErrorCode.INVALID_UPDATE_VERSION),
        (("no.such.version", 1, UPGRADE), ErrorCode.INVALID_UPDATE_VERSION),
        (("no.such.version", 0, SAFE), ErrorCode.INVALID_UPDATE_VERSION),
        (("", 1, UPGRADE), ErrorCode.INVALID_UPDATE_VERSION),
        (("metadata.version", 20, SAFE), ErrorCode.INVALID_UPDATE_VERSION),
        (("metadata.version", 20, UNSAFE), ErrorCode.INVALID_UPDATE_VERSION),
        (("metadata.version", 99, UPGRADE), ErrorCode.INVALID_UPDATE_VERSION),
    ],
)
def test_what_can_be_asked_for(client: RawClient, version: int, wish: tuple[str, int, int], code: ErrorCode) -> None:
    before = told(client)
    answer = update(client, wish, version=version, validate_only=True)
    assert answer.error_code == code
    assert bool(answer.error_message) == bool(code)
    if version == 1:
        assert [(one.feature, one.error_code) for one in answer.results] == ([] if code else [(wish[0], 0)])
    assert told(client) == before


def test_a_refused_feature_keeps_the_others_back(client: RawClient) -> None:
    before = told(client)
    answer = update(client, (TRANSACTIONS, 1, SAFE), ("no.such.version", 1, UPGRADE))
    assert answer.error_code == ErrorCode.INVALID_UPDATE_VERSION
    assert "no.such.version" in answer.error_message
    assert told(client) == before


def test_levels_go_down_and_up_and_their_epoch_grows(client: RawClient) -> None:
    _, epoch = told(client)
    assert update(client, (TRANSACTIONS, 1, SAFE)).error_code == 0
    levels, lowered = told(client)
    assert (levels[TRANSACTIONS], lowered > epoch) == (1, True)
    assert update(client, (TRANSACTIONS, 0, SAFE)).error_code == 0
    assert TRANSACTIONS not in told(client)[0], "level 0 is not finalized"
    assert update(client, (TRANSACTIONS, 2, UPGRADE)).error_code == 0
    levels, raised = told(client)
    assert (levels[TRANSACTIONS], raised > lowered) == (2, True)
    assert update(client, (TRANSACTIONS, 2, UPGRADE)).error_code == 0
    assert told(client)[1] == raised, "nothing changed"


@pytest.mark.parametrize(
    ("allow_downgrade", "code"), [(False, ErrorCode.INVALID_UPDATE_VERSION), (True, ErrorCode.NONE)]
)
def test_version_0_says_in_its_own_way_that_it_may_go_down(
    client: RawClient, allow_downgrade: bool, code: ErrorCode
) -> None:
    lower = FeatureUpdateKey(TRANSACTIONS, 1, allow_downgrade=allow_downgrade)
    assert client.ask(UpdateFeaturesRequest(5_000, [lower]), 0).error_code == code
    assert update(client, (TRANSACTIONS, 2, UPGRADE)).error_code == 0


def heartbeat(client: RawClient, group: str) -> int:
    request = ConsumerGroupHeartbeatRequest(
        group, "member", 0, rebalance_timeout_ms=1_000, subscribed_topic_names=["t"], topic_partitions=[]
    )
    return int(client.ask(request, 1).error_code)


def test_consumer_groups_can_be_switched_off(client: RawClient, group: str) -> None:
    assert heartbeat(client, group) == 0
    assert update(client, (GROUPS, 0, SAFE)).error_code == 0
    assert heartbeat(client, group) == ErrorCode.UNSUPPORTED_VERSION
    (described,) = client.ask(ConsumerGroupDescribeRequest([group]), 0).groups
    assert (described.group_id, described.error_code) == (group, ErrorCode.UNSUPPORTED_VERSION)
    assert update(client, (GROUPS, 1, UPGRADE)).error_code == 0
    (described,) = client.ask(ConsumerGroupDescribeRequest([group]), 0).groups
    assert described.error_code == 0


def test_levels_outlive_the_broker(tmp_path: Any) -> None:
    with Server(str(tmp_path)) as server, RawClient(server.port) as client:
        update(client, (TRANSACTIONS, 1, SAFE))
        before = told(client)
    with Server(str(tmp_path)) as server, RawClient(server.port) as client:
        assert told(client) == before
