"""Counts of requests, by API.

Lives here: slot attributes that a request path increments (a tenth of a microsecond each). Must not live here: names of
exported metrics; those are the console's.
"""

from __future__ import annotations

from typing import Final

LATENCY_BOUNDS_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the latency histogram's buckets; a last one has no bound."""


class ApiCounts:
    """What happened to the requests of one API."""

    __slots__ = ("bytes_in", "bytes_out", "latency_buckets", "latency_sum_seconds", "requests")

    def __init__(self) -> None:
        self.requests = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.latency_buckets = [0] * (len(LATENCY_BOUNDS_SECONDS) + 1)
        self.latency_sum_seconds = 0.0

    def took(self, seconds: float) -> None:
        """One request was answered after `seconds`."""
        self.latency_sum_seconds += seconds
        for index, bound in enumerate(LATENCY_BOUNDS_SECONDS):
            if seconds <= bound:
                self.latency_buckets[index] += 1
                return
        self.latency_buckets[-1] += 1


class RequestCounts:
    """The counts of all APIs, by their name."""

    __slots__ = ("_by_api", "rejected")

    def __init__(self) -> None:
        self._by_api: dict[str, ApiCounts] = {}
        self.rejected = 0
        """Connections closed because their peer sent what is no request."""

    def of(self, api: str) -> ApiCounts:
        """The counts of one API, from zero at first use."""
        counts = self._by_api.get(api)
        if counts is None:
            counts = self._by_api[api] = ApiCounts()
        return counts

    def snapshot(self) -> dict[str, ApiCounts]:
        """The counts by API name, safe to walk from another thread."""
        return dict(self._by_api)
