"""The table of settings: what may be set, how it is judged, and which of several values wins.

One table stands behind the configuration file, the environment, the flags, DescribeConfigs and docs/settings.md.
Must not live here: reading of files or of the environment.
"""

from __future__ import annotations

from cordwood.model.settings.resolution import (
    ConfigEntry,
    Layers,
    Source,
    Synonym,
    broker_value,
    describe_broker,
    describe_topic,
    topic_value,
    topic_values,
)
from cordwood.model.settings.setting import Kind, Setting, Value
from cordwood.model.settings.table import (
    BROKER,
    BROKER_ALIASES,
    TOPIC,
    check_broker_configs,
    check_topic_configs,
    mistakes,
    suggestion,
)

__all__ = [
    "BROKER",
    "BROKER_ALIASES",
    "TOPIC",
    "ConfigEntry",
    "Kind",
    "Layers",
    "Setting",
    "Source",
    "Synonym",
    "Value",
    "broker_value",
    "check_broker_configs",
    "check_topic_configs",
    "describe_broker",
    "describe_topic",
    "mistakes",
    "suggestion",
    "topic_value",
    "topic_values",
]
