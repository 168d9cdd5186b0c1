"""The features of the cluster in the words of each version of ApiVersions."""

from __future__ import annotations

import pytest

from cordwood.wire.apis import APIS, ApiKey
from cordwood.wire.features import FeatureLevel, tell_features
from cordwood.wire.messages.api_versions import ApiVersionsResponse

FEATURES = [FeatureLevel("from.one", 1, 3, 2), FeatureLevel("from.zero", 0, 2, 1), FeatureLevel("off", 0, 1, 0)]


def told(version: int) -> ApiVersionsResponse:
    response = ApiVersionsResponse()
    tell_features(response, version, FEATURES, 7)
    return response


@pytest.mark.parametrize("version", range(3))
def test_versions_without_features_are_told_nothing(version: int):
    assert told(version) == ApiVersionsResponse()


@pytest.mark.parametrize("version", [3, 4])
def test_levels_are_told_by_name_unless_they_are_off(version: int):
    response = told(version)
    levels = {one.name: (one.min_version_level, one.max_version_level) for one in response.finalized_features}
    assert levels == {"from.one": (2, 2), "from.zero": (1, 1)}
    assert response.finalized_features_epoch == 7


def test_ranges_that_begin_at_zero_are_told_to_those_who_can_read_them():
    assert [one.name for one in told(3).supported_features] == ["from.one"]
    ranges = {one.name: (one.min_version, one.max_version) for one in told(4).supported_features}
    assert ranges == {"from.one": (1, 3), "from.zero": (0, 2), "off": (0, 1)}


def test_version_2_of_transactions_is_there_with_all_that_it_takes():
    needed = {
        ApiKey.PRODUCE: 12,
        ApiKey.TXN_OFFSET_COMMIT: 5,
        ApiKey.END_TXN: 5,
        ApiKey.ADD_PARTITIONS_TO_TXN: 4,
        ApiKey.INIT_PRODUCER_ID: 5,
    }
    assert all(APIS[key].advertised.holds(version) for key, version in needed.items())
