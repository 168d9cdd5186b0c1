"""The table of settings: what may be set, how it is judged, and which of several values wins.

One table stands behind the configuration file, the environment, the flags, DescribeConfigs and docs/settings.md.
Must not live here: reading of files or of the environment.
"""

from __future__ import annotations

from cordwood.model.settings.checks import (
    check_broker_configs,
    check_client_metrics_configs,
    check_group_configs,
    check_topic_configs,
)
from cordwood.model.settings.resolution import (
    NO_LAYERS,
    ConfigEntry,
    Layers,
    Source,
    Synonym,
    bounds,
    broker_number,
    broker_value,
    describe_broker,
    describe_client_metrics,
    describe_group,
    describe_topic,
    group_number,
    inherited_value,
    topic_value,
    topic_values,
)
from cordwood.model.settings.setting import Kind, Setting, Value
from cordwood.model.settings.table import (
    BROKER,
    BROKER_ALIASES,
    CLIENT_METRICS,
    GROUP,
    TOPIC,
    hint,
    mistakes,
    suggestion,
)

__all__ = [
    "BROKER",
    "BROKER_ALIASES",
    "CLIENT_METRICS",
    "GROUP",
    "NO_LAYERS",
    "TOPIC",
    "ConfigEntry",
    "Kind",
    "Layers",
    "Setting",
    "Source",
    "Synonym",
    "Value",
    "bounds",
    "broker_number",
    "broker_value",
    "check_broker_configs",
    "check_client_metrics_configs",
    "check_group_configs",
    "check_topic_configs",
    "describe_broker",
    "describe_client_metrics",
    "describe_group",
    "describe_topic",
    "group_number",
    "hint",
    "inherited_value",
    "mistakes",
    "suggestion",
    "topic_value",
    "topic_values",
]
