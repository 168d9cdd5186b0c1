"""The table of APIs agrees with the messages, and says what old clients need to hear."""

from __future__ import annotations

import pytest

from cordwood.wire.apis import APIS, DECLARED, FIRST_PRIVATE_KEY, ApiKey, advertised_versions
from cordwood.wire.messages.api_versions import ApiVersion
from cordwood.wire.schema import LATEST


def test_every_key_has_its_row():
    assert list(DECLARED) == sorted(int(key) for key in ApiKey)
    assert [api.name.lower() for api in DECLARED.values()] == [
        api.key.name.replace("_", "").lower() for api in DECLARED.values()
    ]


def test_what_has_no_handler_is_not_served():
    assert APIS.keys() == {key for key, api in DECLARED.items() if api.has_handler}


@pytest.mark.parametrize("api", DECLARED.values(), ids=lambda api: api.name)
def test_what_is_served_is_declared(api):
    for cls in (api.request, api.response):
        assert cls.versions.first <= api.served.first <= api.served.last == cls.versions.last
        assert cls.versions.first <= api.advertised.first <= api.advertised.last <= cls.versions.last
    assert api.advertised.first <= api.served.first
    assert api.request.__name__ == f"{api.name}Request"
    assert api.response.__name__ == f"{api.name}Response"
    assert 0 <= api.flexible_from <= api.served.last or api.flexible_from == LATEST


def test_old_librdkafka_sees_produce_from_version_zero():
    produce = APIS[ApiKey.PRODUCE]
    assert produce.advertised.first == 0
    assert not produce.serves(2)
    assert produce.serves(3)


def test_api_versions_answers_with_the_header_of_version_zero():
    assert APIS[ApiKey.API_VERSIONS].is_flexible(3)
    assert not any(APIS[ApiKey.API_VERSIONS].has_flexible_response_header(version) for version in range(9))
    assert APIS[ApiKey.METADATA].has_flexible_response_header(9)
    assert not APIS[ApiKey.METADATA].has_flexible_response_header(8)


def test_what_is_advertised():
    assert ApiVersion(api_key=0, min_version=0, max_version=13) in advertised_versions()
    assert len(advertised_versions()) == sum(not api.is_private for api in APIS.values())
    assert advertised_versions({ApiKey.FETCH}) == [ApiVersion(api_key=1, min_version=4, max_version=18)]


def test_what_is_private_is_declared_and_nobody_is_told():
    private = [key for key, api in DECLARED.items() if api.is_private]
    assert {ApiKey.PEER_HELLO, ApiKey.PEER_MESSAGE} <= set(private)
    assert all(key >= FIRST_PRIVATE_KEY for key in private)
    assert not {version.api_key for version in advertised_versions()} & set(private)
    assert advertised_versions({ApiKey.PEER_HELLO}) == []
