"""The settings of quotas, in the units of those who act on them.

Lives here: their meaning together. Must not live here: names, defaults and ranges; those are rows of
`model.settings.quota_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cordwood.broker.quotas.addresses import address_of
from cordwood.broker.quotas.usage import Windows
from cordwood.model.settings.setting import INT_MAX


class QuotaSettings(msgspec.Struct, frozen=True):
    """How use is measured, and how many connections single addresses may have."""

    windows: Windows
    controller_windows: Windows
    address_overrides: Mapping[str, int]


def parse_overrides(text: str) -> tuple[dict[str, int], list[str]]:
    """The numbers of connections in ADDRESS:NUMBER,ADDRESS:NUMBER ..., and everything that is wrong with them."""
    overrides: dict[str, int] = {}
    mistakes = []
    for part in filter(None, map(str.strip, text.split(","))):
        host, _, number = part.rpartition(":")
        address = address_of(host.strip().removeprefix("[").removesuffix("]"))
        if address is None or not (number.isascii() and number.isdigit()) or int(number) > INT_MAX:
            mistakes.append(f"{part!r} wants ADDRESS:NUMBER, such as 10.0.0.1:100 or [::1]:100")
        elif address in overrides:
            mistakes.append(f"{address} is there twice")
        else:
            overrides[address] = int(number)
    return overrides, mistakes
