"""ApiVersions."""

from __future__ import annotations

import pytest

from cordwood.broker.dispatch import HANDLERS
from cordwood.wire.apis import APIS
from cordwood.wire.messages.api_versions import ApiVersionsRequest
from tests.raw_client import RawClient


@pytest.mark.parametrize("version", range(5))
def test_what_is_advertised_is_what_has_a_handler(client: RawClient, version: int) -> None:
    answer = client.ask(ApiVersionsRequest(client_software_name="raw", client_software_version="1"), version)
    advertised = {key.api_key: (key.min_version, key.max_version) for key in answer.api_keys}
    assert advertised.keys() == {int(key) for key in HANDLERS if not APIS[key].is_private}
    for key, (first, last) in advertised.items():
        assert (first, last) == (APIS[key].advertised.first, APIS[key].advertised.last)
