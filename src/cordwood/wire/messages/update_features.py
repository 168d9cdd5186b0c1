"""UpdateFeatures: finalizes versions of features."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int8, Int16, Int32, Message, Struct, Versions, since, until


class FeatureUpdateKey(Struct):
    """A feature and its version; below 1 removes it.

    Upgrade types since version 1: 1 upgrade only, 2 downgrade without loss, 3 downgrade with loss.
    """

    feature: str = ""
    max_version_level: Int16 = 0
    allow_downgrade: Annotated[bool, until(0)] = False
    upgrade_type: Annotated[Int8, since(1)] = 1


class UpdateFeaturesRequest(Message):
    """Sets versions of features (KIP-584). Versions 0 to 2, all flexible."""

    api_key = 57
    versions = Versions(0, 2)
    flexible_from = 0

    timeout_ms: Int32 = 60000
    feature_updates: list[FeatureUpdateKey] = []
    validate_only: Annotated[bool, since(1)] = False


class UpdatableFeatureResult(Struct):
    """The outcome for one feature."""

    feature: str = ""
    error_code: Int16 = 0
    error_message: str | None = None


class UpdateFeaturesResponse(Message):
    """The outcome, up to version 1 also for each feature. Versions 0 to 2."""

    api_key = 57
    versions = Versions(0, 2)
    flexible_from = 0

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: str | None = None
    results: Annotated[list[UpdatableFeatureResult], until(1)] = []
