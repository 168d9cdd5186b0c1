"""What the broker tells about itself: ApiVersions (18)."""

from __future__ import annotations

from collections.abc import Iterator

from cordwood.broker.context import Call, Context
from cordwood.metadata import Image
from cordwood.metadata.features import FEATURES, level_of
from cordwood.wire.apis import advertised_versions
from cordwood.wire.errors import ErrorCode
from cordwood.wire.features import FeatureLevel, tell_features
from cordwood.wire.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse


def handle_api_versions(context: Context, call: Call, request: ApiVersionsRequest) -> ApiVersionsResponse:
    """The table of what is served, and the features of the cluster."""
    call.session.software_name = request.client_software_name
    call.session.software_version = request.client_software_version
    response = ApiVersionsResponse(api_keys=advertised_versions())
    image = context.image
    tell_features(response, call.api_version, _levels(image), image.feature_epoch)
    return response


def _levels(image: Image) -> Iterator[FeatureLevel]:
    for feature in FEATURES.values():
        yield FeatureLevel(feature.name, feature.first, feature.last, level_of(image, feature.name))


def unsupported_version() -> ApiVersionsResponse:
    """The answer to an ApiVersions request from the future."""
    return ApiVersionsResponse(error_code=ErrorCode.UNSUPPORTED_VERSION, api_keys=advertised_versions())
