"""The settings of a broker about the metrics that clients push (KIP-714).

Lives here: rows. Must not live here: logic. What clients are asked for are subscriptions, with settings of their own
(`client_metrics_rows`).
"""

from __future__ import annotations

from typing import Final

from cordwood.model.limits import CONTROL_REQUEST_SIZE_LIMIT_BYTES
from cordwood.model.settings.setting import INT_MAX, Kind, Setting

TELEMETRY_ROWS: Final = (
    Setting(
        "telemetry.max.bytes",
        Kind.INT,
        1_048_576,
        "The most bytes of metrics that a client may push at one time, as sent and when decompressed. Kafka has no upper "
        "bound.",
        low=1,
        high=CONTROL_REQUEST_SIZE_LIMIT_BYTES,
        acted_on=True,
    ),
    Setting(
        "telemetry.max.series",
        Kind.INT,
        10_000,
        "The most series that /metrics shows of all clients together; what clients push beyond it is dropped. "
        "Cordwood's own.",
        low=0,
        high=INT_MAX,
        acted_on=True,
    ),
    Setting(
        "telemetry.max.series.per.client",
        Kind.INT,
        1_000,
        "The most series that /metrics shows of one client; what it pushes beyond it is dropped. Cordwood's own.",
        low=0,
        high=INT_MAX,
        acted_on=True,
    ),
)
