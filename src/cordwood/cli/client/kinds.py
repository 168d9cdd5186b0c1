"""What has settings in a cluster.

Lives here: the kinds. Must not live here: asking (`configs`), so that options can name a kind without
librdkafka.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What has settings."""

    TOPIC = "topic"
    BROKER = "broker"
    GROUP = "group"
    CLIENT_METRICS = "client-metrics"
    """A subscription to metrics of clients (KIP-714)."""
    BROKER_LOGGERS = "broker-loggers"
