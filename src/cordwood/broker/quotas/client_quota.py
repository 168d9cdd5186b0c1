"""One quota of all clients: what each may use of one thing, and what it used of it.

Lives here: the use by those who hold the quota. Must not live here: what the thing is; `throttling` and the handlers know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cordwood.broker.quotas.holders import Holders
from cordwood.broker.quotas.precedence import Limits
from cordwood.broker.quotas.usage import Usage, Windows
from cordwood.metadata import QuotaEntity
from cordwood.model.limits import QUOTA_HOLDERS_LIMIT
from cordwood.observe.throttles import ThrottleCounts

NOTHING: Final[Mapping[QuotaEntity, Mapping[str, float]]] = {}


class Share:
    """What one client may use, with those who share it."""

    __slots__ = ("_counts", "_rate", "_usage")

    def __init__(self, rate: float, usage: Usage, counts: ThrottleCounts) -> None:
        self._rate = rate
        self._usage = usage
        self._counts = counts

    def left(self, now: float) -> float:
        """How much may be used now; negative for who is over the quota."""
        return self._usage.left(self._rate, now)

    def take(self, amount: float, now: float) -> float:
        """So much is used. How many seconds to wait, if that is over the quota; else 0."""
        self._usage.take(amount, now)
        return self.wait_s(now)

    def add(self, amount: float, now: float) -> None:
        """So much is used; whether it is over the quota is asked with the next request."""
        self._usage.take(amount, now)

    def wait_s(self, now: float) -> float:
        """How many seconds to wait for who is over the quota, who is told so now; 0 for others."""
        wait_s = self._usage.wait_s(self._rate, now)
        if wait_s > 0:
            self._counts.note(wait_s)
        return wait_s


class ClientQuota:
    """The quota with one key, such as producer_byte_rate."""

    def __init__(self, key: str, windows: Windows) -> None:
        self._key = key
        self._limits = Limits(NOTHING, key)
        self._holders = Holders(lambda now: Usage(windows, now), QUOTA_HOLDERS_LIMIT, windows.span_s + windows.size_s)
        self.counts = ThrottleCounts()
        self.active = False
        """Whether anybody has this quota; if not, nothing is measured."""

    def follow(self, quotas: Mapping[QuotaEntity, Mapping[str, float]]) -> None:
        """From now on these quotas hold. What was used stays used."""
        self._limits = Limits(quotas, self._key)
        self.active = bool(self._limits)
        if not self.active:
            self._holders.clear()

    def of(self, user: str, client_id: str, now: float) -> Share | None:
        """The share of a client; None where no quota holds for it."""
        limit = self._limits.of(user, client_id)
        if limit is None:
            return None
        return Share(limit.rate, self._holders.of(limit.holder, now), self.counts)
