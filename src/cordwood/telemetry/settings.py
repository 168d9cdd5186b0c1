"""The bounds of the metrics of clients that a user may change.

Lives here: a value. Must not live here: names, defaults and documents; those are rows of `model.settings.telemetry_rows`.
"""

from __future__ import annotations

import msgspec


class TelemetrySettings(msgspec.Struct, frozen=True):
    """How much the broker takes of clients, and keeps."""

    max_bytes: int = 1 << 20
    """The most bytes of one push, as sent and when decompressed."""
    max_series: int = 10_000
    max_series_per_client: int = 1_000
