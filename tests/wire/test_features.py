"""The features of the cluster in the words of each version of ApiVersions."""

from __future__ import annotations

import pytest

from cordwood.wire.apis import APIS, ApiKey
from cordwood.wire.features import FEATURES, tell_features
from cordwood.wire.messages.api_versions import ApiVersionsResponse


def told(version: int) -> ApiVersionsResponse:
    response = ApiVersionsResponse()
    tell_features(response, version)
    return response


@pytest.mark.parametrize("version", range(3))
def test_versions_without_features_are_told_nothing(version: int):
    assert told(version) == ApiVersionsResponse()


@pytest.mark.parametrize("version", [3, 4])
def test_levels_are_told_by_name(version: int):
    response = told(version)
    levels = {one.name: (one.min_version_level, one.max_version_level) for one in response.finalized_features}
    assert levels == {"group.version": (1, 1), "transaction.version": (2, 2)}
    assert response.finalized_features_epoch == 0


def test_ranges_that_begin_at_zero_are_told_to_those_who_can_read_them():
    assert told(3).supported_features == []
    ranges = {one.name: (one.min_version, one.max_version) for one in told(4).supported_features}
    assert ranges == {"group.version": (0, 1), "transaction.version": (0, 2)}


def test_a_level_is_one_that_this_broker_can_run_with():
    assert all(feature.first <= feature.finalized <= feature.last for feature in FEATURES)


def test_version_2_of_transactions_is_there_with_all_that_it_takes():
    needed = {
        ApiKey.PRODUCE: 12,
        ApiKey.TXN_OFFSET_COMMIT: 5,
        ApiKey.END_TXN: 5,
        ApiKey.ADD_PARTITIONS_TO_TXN: 4,
        ApiKey.INIT_PRODUCER_ID: 5,
    }
    assert all(APIS[key].advertised.holds(version) for key, version in needed.items())
