"""Features of the cluster: UpdateFeatures (57).

Serves versions 0 to 2. All features of a request get their levels, or none does: the first that cannot is told at the top.
ApiVersions tells the levels (introspect.py).
"""

from __future__ import annotations

from cordwood.broker.context import Call, Context
from cordwood.broker.deadlines import patience_s
from cordwood.metadata import features
from cordwood.metadata.features import LevelWish, Way
from cordwood.model.errors import CordwoodError
from cordwood.wire.errors import code_of
from cordwood.wire.messages.update_features import (
    FeatureUpdateKey,
    UpdatableFeatureResult,
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
)


async def handle_update_features(
    context: Context, call: Call, request: UpdateFeaturesRequest
) -> UpdateFeaturesResponse:
    """Gives features other levels, for the whole cluster."""
    wanted = [LevelWish(item.feature, item.max_version_level, _way(item)) for item in request.feature_updates]
    try:
        await context.controller.propose(
            lambda image: features.update(image, wanted, validate_only=request.validate_only),
            patience_s(request.timeout_ms),
        )
    except CordwoodError as error:
        return UpdateFeaturesResponse(error_code=code_of(error), error_message=f"no feature was changed: {error}")
    return UpdateFeaturesResponse(results=[UpdatableFeatureResult(feature=wish.feature) for wish in wanted])


def _way(item: FeatureUpdateKey) -> int:
    """In which direction it may go; version 0 only says that it may go down."""
    return Way.SAFE_DOWNGRADE if item.allow_downgrade else item.upgrade_type
