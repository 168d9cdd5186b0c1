"""What a broker is able to do: the first question of every client, ApiVersions.

Lives here: that question in versions that old brokers know too, and which version of an API both sides have. Must not
live here: what is asked then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from cordwood.cli.client.deadline import Deadline
from cordwood.cli.cluster.connection import Connection, NotAnAnswer
from cordwood.model.errors import ProtocolError
from cordwood.wire.apis import DECLARED
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.api_versions import ApiVersionsRequest

NEWEST: Final = 3
"""The first version that names features, and the last that has the same answer for all clients."""

Ranges = Mapping[int, tuple[int, int]]


class NotUnderstood(ProtocolError):
    """A broker has no version of an API in common with us."""


class Abilities(NamedTuple):
    """The versions of each API, by its key, and the level of each feature that the cluster runs with."""

    versions: Ranges
    features: Mapping[str, int]


def ask_abilities(connection: Connection, deadline: Deadline) -> Abilities:
    """What a broker says; one that does not know the newest question is asked the oldest. Raises OSError, ProtocolError."""
    try:
        request = ApiVersionsRequest(client_software_name="cordwood", client_software_version="1")
        response = connection.ask(request, NEWEST, deadline)
        if response.error_code == ErrorCode.UNSUPPORTED_VERSION:
            raise NotUnderstood(f"it does not know version {NEWEST} of ApiVersions")
    except NotAnAnswer:
        raise
    except ProtocolError:
        # Its answer has the form of version 0 (KIP-511), which may look like anything.
        response = connection.ask(ApiVersionsRequest(), 0, deadline)
    if response.error_code:
        raise NotUnderstood(f"it answers ApiVersions with error {response.error_code}")
    return Abilities(
        {api.api_key: (api.min_version, api.max_version) for api in response.api_keys},
        {feature.name: feature.max_version_level for feature in response.finalized_features},
    )


def newest_version(api_key: int, versions: Ranges) -> int:
    """The newest version of an API that both sides know. Raises NotUnderstood."""
    api = DECLARED[api_key]
    first, last = versions.get(api_key, (0, -1))
    newest = min(api.served.last, last)
    if newest < max(api.served.first, first):
        raise NotUnderstood(f"it has no version of {api.name} that is known here")
    return newest
