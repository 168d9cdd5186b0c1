"""What has settings in a cluster.

Lives here: the kinds that librdkafka knows. Must not live here: asking (`configs`), so that options can name a kind without
librdkafka.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What has settings."""

    TOPIC = "topic"
    BROKER = "broker"
    GROUP = "group"
