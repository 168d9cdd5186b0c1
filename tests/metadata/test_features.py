"""Levels of features go up and down as Apache Kafka 4.3 lets them."""

from __future__ import annotations

import pytest

from cordwood.metadata.features import FEATURES, LevelWish, Way, check_consumer_groups, level_of, update
from cordwood.metadata.image import EMPTY, Image
from cordwood.metadata.records import FeatureRecord
from cordwood.metadata.replay import replay_all
from cordwood.model.admin_errors import InvalidFeatureLevel
from cordwood.model.errors import UnsupportedVersion

TRANSACTIONS, GROUPS = "transaction.version", "group.version"
LOWERED = replay_all(EMPTY, [FeatureRecord(TRANSACTIONS, 1), FeatureRecord(GROUPS, 0)])


def after(image: Image, *wishes: LevelWish) -> Image:
    return replay_all(image, update(image, wishes).records)


def test_a_cluster_that_never_changed_a_level_has_those_it_began_with():
    levels = {name: level_of(EMPTY, name) for name in FEATURES}
    assert levels == {"group.version": 1, "kraft.version": 1, "metadata.version": 30, "transaction.version": 2}
    assert EMPTY.feature_epoch == 0


def test_a_level_is_one_that_this_broker_can_run_with():
    assert all(feature.first <= feature.initial <= feature.last for feature in FEATURES.values())


@pytest.mark.parametrize(
    ("image", "wish", "level"),
    [
        (EMPTY, LevelWish(TRANSACTIONS, 1, Way.SAFE_DOWNGRADE), 1),
        (EMPTY, LevelWish(TRANSACTIONS, 0, Way.UNSAFE_DOWNGRADE), 0),
        (EMPTY, LevelWish(TRANSACTIONS, 2, Way.UPGRADE), 2),
        (EMPTY, LevelWish(TRANSACTIONS, 2, Way.SAFE_DOWNGRADE), 2),
        (EMPTY, LevelWish("metadata.version", 30), 30),
        (LOWERED, LevelWish(TRANSACTIONS, 2, Way.UPGRADE), 2),
        (LOWERED, LevelWish(GROUPS, 1, Way.UPGRADE), 1),
    ],
)
def test_levels_that_can_be(image: Image, wish: LevelWish, level: int):
    assert level_of(after(image, wish), wish.feature) == level


@pytest.mark.parametrize(
    ("image", "wish", "reason"),
    [
        (EMPTY, LevelWish("no.such", 1), "does not have this feature"),
        (EMPTY, LevelWish("", 0, Way.SAFE_DOWNGRADE), "does not have this feature"),
        (EMPTY, LevelWish("share.version", 1), "does not have this feature"),
        (EMPTY, LevelWish(TRANSACTIONS, 3), "level 0 to 2 only"),
        (EMPTY, LevelWish(TRANSACTIONS, -1, Way.UNSAFE_DOWNGRADE), "level 0 to 2 only"),
        (EMPTY, LevelWish("metadata.version", 29, Way.UNSAFE_DOWNGRADE), "level 30 only"),
        (EMPTY, LevelWish("kraft.version", 0, Way.SAFE_DOWNGRADE), "level 1 only"),
        (EMPTY, LevelWish(TRANSACTIONS, 1, Way.UPGRADE), "ask for a downgrade"),
        (LOWERED, LevelWish(TRANSACTIONS, 2, Way.SAFE_DOWNGRADE), "ask for an upgrade"),
        (EMPTY, LevelWish(TRANSACTIONS, 2, 0), "no type of change 0"),
        (EMPTY, LevelWish(TRANSACTIONS, 1, 4), "no type of change 4"),
    ],
)
def test_levels_that_cannot_be(image: Image, wish: LevelWish, reason: str):
    with pytest.raises(InvalidFeatureLevel, match=reason):
        update(image, [LevelWish(GROUPS, level_of(image, GROUPS)), wish])


def test_of_several_all_change_or_none():
    lower = LevelWish(TRANSACTIONS, 0, Way.SAFE_DOWNGRADE)
    image = after(EMPTY, lower, LevelWish(GROUPS, 0, Way.SAFE_DOWNGRADE))
    assert (level_of(image, TRANSACTIONS), level_of(image, GROUPS), image.feature_epoch) == (0, 0, 2)
    with pytest.raises(InvalidFeatureLevel):
        update(EMPTY, [lower, LevelWish(GROUPS, 7)])


def test_the_epoch_grows_with_each_change_and_no_other_wish():
    assert after(EMPTY, LevelWish(GROUPS, 1)).feature_epoch == 0
    assert update(EMPTY, [LevelWish(GROUPS, 0, Way.SAFE_DOWNGRADE)], validate_only=True).records == ()
    assert after(LOWERED, LevelWish(GROUPS, 1)).feature_epoch == LOWERED.feature_epoch + 1


def test_of_a_feature_named_twice_the_last_wish_counts():
    wishes = [LevelWish(TRANSACTIONS, 1, Way.SAFE_DOWNGRADE), LevelWish(TRANSACTIONS, 0, Way.SAFE_DOWNGRADE)]
    assert update(EMPTY, wishes).records == (FeatureRecord(TRANSACTIONS, 0),)


def test_consumer_groups_are_switched_off_by_their_level():
    check_consumer_groups(EMPTY)
    with pytest.raises(UnsupportedVersion, match="at level 1"):
        check_consumer_groups(LOWERED)
