"""The metrics of quotas.

Lives here: the counts of what was held back as Prometheus families. Must not live here: counting. Clients are no labels:
they may call themselves anything, and there may be any number of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, Metric

from cordwood.observe.throttles import ThrottleCounts


class QuotaCollector:
    """The families of one moment; it has what a Prometheus registry has of a collector."""

    def __init__(self, counts: Mapping[str, ThrottleCounts]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """All families."""
        labels = ("quota",)
        throttled = CounterMetricFamily(
            "cordwood_throttled", "Requests and connections that were over a quota.", labels=labels
        )
        seconds = CounterMetricFamily(
            "cordwood_throttle_seconds", "How long those who were over a quota were told to wait.", labels=labels
        )
        for quota, counts in self._counts.items():
            throttled.add_metric((quota,), counts.throttled)
            seconds.add_metric((quota,), counts.seconds)
        yield from (throttled, seconds)
