"""The metrics of clients (KIP-714), and what the broker counts about them.

Lives here: a report as Prometheus families. Must not live here: the clients' own series, which are kept as text
(`telemetry.exposition`).
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from cordwood.telemetry.client_metrics import TelemetryReport


class TelemetryCollector:
    """The families of one report; it has what a Prometheus registry has of a collector."""

    def __init__(self, report: TelemetryReport) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """All families."""
        report = self._report
        yield GaugeMetricFamily(
            "cordwood_telemetry_instances", "Clients that may push metrics.", value=report.instances
        )
        yield GaugeMetricFamily("cordwood_telemetry_series", "Series of clients shown here.", value=report.series)
        yield CounterMetricFamily("cordwood_telemetry_pushes", "Pushes of clients taken.", value=report.pushes)
        refused = CounterMetricFamily(
            "cordwood_telemetry_refused_requests", "Requests refused, by error.", labels=("error",)
        )
        for error, count in sorted(report.refused.items()):
            refused.add_metric((error,), count)
        yield refused
        yield CounterMetricFamily(
            "cordwood_telemetry_dropped_points", "Values pushed that are not shown.", value=report.dropped_points
        )
