"""One look tells whether anything is limited."""

from __future__ import annotations

import pytest

from cordwood.broker.quotas.quotas import Quotas
from cordwood.broker.quotas.usage import Windows
from cordwood.metadata import EntityPart
from cordwood.metadata.quotas import CLIENT_QUOTAS, CONNECTION_CREATION_RATE, CONSUMER_BYTE_RATE


@pytest.mark.parametrize("key", CLIENT_QUOTAS)
def test_each_quota_makes_them_active(key):
    quotas = Quotas()
    assert not quotas.active
    quotas.follow({(EntityPart("user", "alice"),): {key: 1.0}})
    assert quotas.active
    kinds = (quotas.produce, quotas.fetch, quotas.request, quotas.mutation)
    assert [kind.active for kind in kinds] == [key == other for other in CLIENT_QUOTAS]
    quotas.follow({})
    assert not quotas.active


def test_addresses_are_not_the_business_of_requests():
    quotas = Quotas()
    quotas.follow({(EntityPart("ip", None),): {CONNECTION_CREATION_RATE: 1.0}})
    assert not quotas.active


def test_what_is_followed_twice_changes_nothing():
    quotas = Quotas(Windows(3, 2.0))
    followed = {(EntityPart("user", None),): {CONSUMER_BYTE_RATE: 1.0}}
    quotas.follow(followed)
    limits = quotas.fetch.of("alice", "", 0.0)
    limits.add(9, 0.0)
    quotas.follow(followed)
    assert quotas.fetch.of("alice", "", 0.0).left(0.0) < 0
    assert quotas.request_wait_limit_s == 2.0
    assert list(quotas.counts()) == ["Produce", "Fetch", "Request", "ControllerMutation"]
