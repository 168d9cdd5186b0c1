"""The features of the cluster, as ApiVersions tells them (KIP-584).

A feature is finalized at a level: clients do what that level allows. Producers of Java and franz-go speak version 2 of
transactions (KIP-890) if `transaction.version` is finalized at 2 and if Produce 12, TxnOffsetCommit 5 and EndTxn 5 are
advertised. There is nobody yet to change a level, so the levels are those of the program.

Lives here: the table, and its form in each version of the answer. Must not live here: what a level means.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cordwood.wire.messages.api_versions import ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey

FIRST_WITH_FEATURES: Final = 3
FIRST_WITH_ZERO: Final = 4
"""The first version whose clients can read a range that begins at 0 (KAFKA-17011)."""

FINALIZED_EPOCH: Final = 0
"""Counts the changes of levels; clients look at the levels when it grows, and begin below 0."""


class Feature(NamedTuple):
    """The levels that this broker can run with, and the one that the cluster runs with."""

    name: str
    first: int
    last: int
    finalized: int


FEATURES: Final = (
    Feature("group.version", 0, 1, 1),
    Feature("transaction.version", 0, 2, 2),
)


def tell_features(response: ApiVersionsResponse, version: int) -> None:
    """Puts the features into an answer of this version."""
    if version < FIRST_WITH_FEATURES:
        return
    response.supported_features = [
        SupportedFeatureKey(name=feature.name, min_version=feature.first, max_version=feature.last)
        for feature in FEATURES
        if feature.first > 0 or version >= FIRST_WITH_ZERO
    ]
    response.finalized_features_epoch = FINALIZED_EPOCH
    response.finalized_features = [
        FinalizedFeatureKey(name=feature.name, max_version_level=feature.finalized, min_version_level=feature.finalized)
        for feature in FEATURES
        if feature.finalized > 0
    ]
