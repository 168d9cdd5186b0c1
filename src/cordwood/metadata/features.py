"""Features of the cluster and their levels (KIP-584): what they are, and decisions about them.

Lives here: the table of features, with the levels that this Cordwood can run with, and what UpdateFeatures comes to, with
the errors of Kafka's controller. Must not live here: what a level means to a handler (`broker`), and how clients are told
(`wire`).

| feature               | levels | what the level does                                                                |
|-----------------------|--------|------------------------------------------------------------------------------------|
| `group.version`       | 0-1    | 1: consumer groups of KIP-848; 0: their requests are refused                       |
| `transaction.version` | 0-2    | 2: clients are told to speak transactions as KIP-890 has them; below: as before it |
| `kraft.version`       | 1      | the quorum takes voters in and lets them go while it runs (KIP-853)                |
| `metadata.version`    | 30     | the release of Kafka whose answers this Cordwood gives: 4.3-IV0                    |

The last two cannot be changed: the metadata have a form of Cordwood's own, and one only. Features of Kafka that are not
here (share groups, streams groups, eligible leader replicas) are not there either, and nobody is told of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from cordwood.metadata.image import Image
from cordwood.metadata.records import FeatureRecord
from cordwood.metadata.result import Result
from cordwood.model.admin_errors import InvalidFeatureLevel
from cordwood.model.errors import UnsupportedVersion


class Feature(NamedTuple):
    """The levels that a broker of this release can run with, and the one that a cluster has until it is changed.

    Clusters do not note the level they began with: a release with another one has to write it when it founds a cluster.
    """

    name: str
    first: int
    last: int
    initial: int


GROUP_VERSION: Final = "group.version"
KRAFT_VERSION: Final = "kraft.version"
METADATA_VERSION: Final = "metadata.version"
TRANSACTION_VERSION: Final = "transaction.version"

CONSUMER_GROUPS: Final = 1
"""The level of `group.version` from which on there are the groups of KIP-848."""

FEATURES: Final[Mapping[str, Feature]] = MappingProxyType(
    {
        feature.name: feature
        for feature in (
            Feature(GROUP_VERSION, 0, 1, 1),
            Feature(KRAFT_VERSION, 1, 1, 1),
            Feature(METADATA_VERSION, 30, 30, 30),
            Feature(TRANSACTION_VERSION, 0, 2, 2),
        )
    }
)
"""All features, by name."""


class Way(IntEnum):
    """In which direction a level may go; the numbers are those of UpdateFeatures."""

    UPGRADE = 1
    SAFE_DOWNGRADE = 2
    UNSAFE_DOWNGRADE = 3


class LevelWish(msgspec.Struct, frozen=True):
    """The level that a feature is to have. `way` may be a number that does not exist: that is refused."""

    feature: str
    level: int
    way: int = Way.UPGRADE


def level_of(image: Image, feature: str) -> int:
    """The level of a feature of the table."""
    return image.features.get(feature, FEATURES[feature].initial)


def check_consumer_groups(image: Image) -> None:
    """Raises UnsupportedVersion where the groups of KIP-848 are switched off."""
    if level_of(image, GROUP_VERSION) < CONSUMER_GROUPS:
        raise UnsupportedVersion(
            f"the consumer group protocol needs feature {GROUP_VERSION} at level {CONSUMER_GROUPS}"
        )


def update(image: Image, wanted: Sequence[LevelWish], *, validate_only: bool = False) -> Result[None]:
    """Gives features other levels, all or none. Of a feature that is named twice the last wish counts.

    Raises InvalidFeatureLevel.
    """
    for wish in wanted:
        _check(image, wish)
    last = {wish.feature: wish.level for wish in wanted}
    records = [FeatureRecord(name, level) for name, level in last.items() if level != level_of(image, name)]
    return Result(() if validate_only else tuple(records), None)


def _check(image: Image, wish: LevelWish) -> None:
    reason = _reason_against(image, wish)
    if reason is not None:
        raise InvalidFeatureLevel(wish.feature, wish.level, reason)


def _reason_against(image: Image, wish: LevelWish) -> str | None:
    """Why the wish cannot be granted; None if it can."""
    if wish.way not in Way.__members__.values():
        return f"there is no type of change {wish.way}"
    feature = FEATURES.get(wish.feature)
    if feature is None:
        return f"Cordwood does not have this feature; it has {', '.join(FEATURES)}"
    if not feature.first <= wish.level <= feature.last:
        supported = str(feature.last) if feature.first == feature.last else f"{feature.first} to {feature.last}"
        return f"the brokers of this cluster run with level {supported} only"
    current = level_of(image, wish.feature)
    if wish.level < current and wish.way == Way.UPGRADE:
        return f"it has level {current}, and an upgrade cannot lower it: ask for a downgrade"
    if wish.level > current and wish.way != Way.UPGRADE:
        return f"it has level {current}, and a downgrade cannot raise it: ask for an upgrade"
    return None
