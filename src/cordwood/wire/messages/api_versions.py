"""ApiVersions: what a broker can do, asked by every client before anything else."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.schema import Int16, Int32, Int64, Message, Struct, Versions, since, tagged


class ApiVersionsRequest(Message):
    """Asks what the broker serves. Versions 0 to 4; 3 is flexible and names the client's software (KIP-511).

    A broker that does not know the version answers with version 0 of the response and UNSUPPORTED_VERSION.
    """

    api_key = 18
    versions = Versions(0, 4)
    flexible_from = 3

    client_software_name: Annotated[str, since(3)] = ""
    client_software_version: Annotated[str, since(3)] = ""


class ApiVersion(Struct):
    """The versions of one API."""

    api_key: Int16 = 0
    min_version: Int16 = 0
    max_version: Int16 = 0


class SupportedFeatureKey(Struct):
    """The range of a feature that this broker can run with."""

    name: str = ""
    min_version: Int16 = 0
    max_version: Int16 = 0


class FinalizedFeatureKey(Struct):
    """The level of a feature that the cluster runs with."""

    name: str = ""
    max_version_level: Int16 = 0
    min_version_level: Int16 = 0


class ApiVersionsResponse(Message):
    """Names every API with its versions, and the features of the cluster (KIP-584). Versions 0 to 4.

    Below version 4 a feature whose least version is 0 must be left out of `supported_features` (KAFKA-17011).
    """

    api_key = 18
    versions = Versions(0, 4)
    flexible_from = 3

    error_code: Int16 = 0
    api_keys: list[ApiVersion] = []
    throttle_time_ms: Annotated[Int32, since(1)] = 0
    supported_features: Annotated[list[SupportedFeatureKey], tagged(0, since=3)] = []
    finalized_features_epoch: Annotated[Int64, tagged(1, since=3)] = -1
    finalized_features: Annotated[list[FinalizedFeatureKey], tagged(2, since=3)] = []
    zk_migration_ready: Annotated[bool, tagged(3, since=3)] = False
