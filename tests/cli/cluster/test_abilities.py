"""What brokers, new and old, say they are able to do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from cordwood.cli.client.deadline import Deadline
from cordwood.cli.cluster.abilities import Abilities, NotUnderstood, ask_abilities, newest_version
from cordwood.cli.cluster.connection import Connection
from cordwood.env.clock import SystemClock
from cordwood.wire.apis import ApiKey
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.api_versions import ApiVersion, ApiVersionsResponse, FinalizedFeatureKey
from tests.cli.scripted_broker import ScriptedBroker

KEYS = [ApiVersion(ApiKey.METADATA, 0, 5), ApiVersion(ApiKey.FETCH, 3, 30), ApiVersion(ApiKey.PRODUCE, 0, 2)]
OLD = b"\0\0\0\x10" + b"\0\0\0\1" + b"\0\x23" + b"\0\0\0\1" + b"\0\x12\0\0\0\0"
"""Version 0 of an answer that says only which versions of ApiVersions are known."""


def asked(script: Callable[[Any], Any]) -> Abilities:
    deadline = Deadline(5.0, SystemClock())
    with ScriptedBroker(script) as broker, closing(Connection(broker.place, deadline)) as connection:
        return ask_abilities(connection, deadline)


def test_versions_and_features() -> None:
    features = [FinalizedFeatureKey("metadata.version", 30, 1)]
    found = asked(lambda request: ApiVersionsResponse(api_keys=KEYS, finalized_features=features))
    assert found == Abilities(
        {ApiKey.METADATA: (0, 5), ApiKey.FETCH: (3, 30), ApiKey.PRODUCE: (0, 2)}, {"metadata.version": 30}
    )


def test_an_old_broker_is_asked_once_more() -> None:
    found = asked(lambda request: OLD if request.client_software_name else ApiVersionsResponse(api_keys=KEYS[:1]))
    assert found == Abilities({ApiKey.METADATA: (0, 5)}, {})


def test_one_that_does_not_say() -> None:
    with pytest.raises(NotUnderstood, match="with error 29"):
        asked(lambda request: ApiVersionsResponse(error_code=ErrorCode.TOPIC_AUTHORIZATION_FAILED))


@pytest.mark.parametrize(("key", "newest"), [(ApiKey.METADATA, 5), (ApiKey.FETCH, 18)])
def test_the_newest_version_that_both_know(key: ApiKey, newest: int) -> None:
    assert newest_version(key, {one.api_key: (one.min_version, one.max_version) for one in KEYS}) == newest


@pytest.mark.parametrize("key", [ApiKey.PRODUCE, ApiKey.DESCRIBE_QUORUM])
def test_nothing_in_common(key: ApiKey) -> None:
    with pytest.raises(NotUnderstood, match="that is known here"):
        newest_version(key, {one.api_key: (one.min_version, one.max_version) for one in KEYS})
