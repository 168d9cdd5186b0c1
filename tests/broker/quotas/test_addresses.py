"""Addresses have one form."""

from __future__ import annotations

import pytest

from cordwood.broker.quotas.addresses import address_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("0:0::1", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("one.example", None),
        ("", None),
        ("10.0.0.256", None),
    ],
)
def test_an_address_has_one_form(text, address):
    assert address_of(text) == address
