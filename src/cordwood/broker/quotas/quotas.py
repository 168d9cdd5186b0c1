"""All quotas of clients on this broker.

Lives here: which there are, and what is set now. Must not live here: what requests cost (`throttling`).
"""

from __future__ import annotations

from collections.abc import Mapping

from cordwood.broker.quotas.client_quota import ClientQuota
from cordwood.broker.quotas.mutation_quota import MutationQuota
from cordwood.broker.quotas.usage import Windows
from cordwood.metadata import QuotaEntity
from cordwood.metadata.quotas import CONSUMER_BYTE_RATE, PRODUCER_BYTE_RATE, REQUEST_PERCENTAGE
from cordwood.observe.throttles import ThrottleCounts


class Quotas:
    """What clients may produce, fetch, occupy and change. Nothing is limited until something was followed."""

    def __init__(self, windows: Windows | None = None, controller_windows: Windows | None = None) -> None:
        windows = windows or Windows()
        self.produce = ClientQuota(PRODUCER_BYTE_RATE, windows)
        self.fetch = ClientQuota(CONSUMER_BYTE_RATE, windows)
        self.request = ClientQuota(REQUEST_PERCENTAGE, windows)
        self.mutation = MutationQuota(controller_windows or Windows())
        self.request_wait_limit_s = windows.size_s
        """The longest wait for who occupied the broker for too long (as Kafka): one window."""
        self.active = False
        """Whether anything is limited for anybody: all that a request costs where nothing is."""
        self._followed: Mapping[QuotaEntity, Mapping[str, float]] = {}

    def follow(self, quotas: Mapping[QuotaEntity, Mapping[str, float]]) -> None:
        """From now on these quotas hold."""
        if quotas is self._followed:
            return
        self._followed = quotas
        kinds = (self.produce, self.fetch, self.request, self.mutation)
        for kind in kinds:
            kind.follow(quotas)
        self.active = any(kind.active for kind in kinds)

    def counts(self) -> dict[str, ThrottleCounts]:
        """What was held back, by Kafka's name for each quota."""
        return {
            "Produce": self.produce.counts,
            "Fetch": self.fetch.counts,
            "Request": self.request.counts,
            "ControllerMutation": self.mutation.counts,
        }
