"""The settings of quotas are read, and what is wrong with them is told."""

from __future__ import annotations

import pytest

from cordwood.broker.quotas.usage import Windows
from cordwood.node.configuration import ConfigurationError, load
from cordwood.node.quota_settings import parse_overrides


def test_by_default_clients_are_held_to_their_quotas_over_ten_seconds():
    quotas = load().quotas
    assert quotas.windows == quotas.controller_windows == Windows(11, 1)
    assert quotas.windows.span_s == 10
    assert quotas.address_overrides == {}


def test_values_are_told():
    quotas = load(
        sets=[
            "quota.window.num=6",
            "quota.window.size.seconds=2",
            "controller.quota.window.num=3",
            "controller.quota.window.size.seconds=4",
            "max.connections.per.ip.overrides=10.0.0.1:5, [::1]:7,fe80::1:9",
        ]
    ).quotas
    assert (quotas.windows, quotas.controller_windows) == (Windows(6, 2), Windows(3, 4))
    assert quotas.address_overrides == {"10.0.0.1": 5, "::1": 7, "fe80::1": 9}


@pytest.mark.parametrize("text", ["10.0.0.1", "10.0.0.1:", "10.0.0.1:-1", "a.example:5", ":5", "10.0.0.1:99999999999"])
def test_what_is_no_override_is_a_mistake(text):
    overrides, mistakes = parse_overrides(f"10.0.0.9:1,{text}")
    assert overrides == {"10.0.0.9": 1}
    assert len(mistakes) == 1
    with pytest.raises(ConfigurationError, match=r"per\.ip\.overrides.*wants ADDRESS:NUMBER"):
        load(sets=[f"max.connections.per.ip.overrides={text}"])


def test_an_address_has_one_number():
    assert parse_overrides("10.0.0.1:1,::ffff:10.0.0.1:2")[1] == ["10.0.0.1 is there twice"]
