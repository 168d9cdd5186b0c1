"""The features of the cluster, as ApiVersions tells them (KIP-584).

A feature is finalized at a level: clients do what that level allows. Producers of Java and franz-go speak version 2 of
transactions (KIP-890) if `transaction.version` is finalized at 2 and if Produce 12, TxnOffsetCommit 5 and EndTxn 5 are
advertised.

Lives here: the form in each version of the answer. Must not live here: which features there are, at which levels, and what
a level means (`metadata.features`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from cordwood.wire.messages.api_versions import ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey

FIRST_WITH_FEATURES: Final = 3
FIRST_WITH_ZERO: Final = 4
"""The first version whose clients can read a range that begins at 0 (KAFKA-17011)."""


class FeatureLevel(NamedTuple):
    """A feature: the levels that this broker can run with, and the one that the cluster runs with."""

    name: str
    first: int
    last: int
    finalized: int


def tell_features(response: ApiVersionsResponse, version: int, features: Iterable[FeatureLevel], epoch: int) -> None:
    """Puts the features into an answer of this version.

    `epoch` counts the changes of levels: clients look at the levels when it grows, and begin below 0. A feature at level 0
    is not finalized.
    """
    if version < FIRST_WITH_FEATURES:
        return
    told = list(features)
    response.supported_features = [
        SupportedFeatureKey(name=feature.name, min_version=feature.first, max_version=feature.last)
        for feature in told
        if feature.first > 0 or version >= FIRST_WITH_ZERO
    ]
    response.finalized_features_epoch = epoch
    response.finalized_features = [
        FinalizedFeatureKey(name=feature.name, max_version_level=feature.finalized, min_version_level=feature.finalized)
        for feature in told
        if feature.finalized > 0
    ]
