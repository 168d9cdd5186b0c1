"""All settings of Kafka's brokers that Cordwood accepts and does not act on.

Lives here: the families together. They are here so that the configurations and the tools people have go on to work, and a
mistyped name is still found. On the day on which Cordwood acts on one, its row moves to where the others of its topic are.
"""

from __future__ import annotations

from typing import Final

from cordwood.model.settings.accepted.clusters import CLUSTER, REPLICATION
from cordwood.model.settings.accepted.dropped import DROPPED
from cordwood.model.settings.accepted.groups import SHARE_GROUPS, STREAMS_GROUPS
from cordwood.model.settings.accepted.machinery import LOGS, METRICS, PLUGINS, SERVING
from cordwood.model.settings.accepted.sasl import SASL
from cordwood.model.settings.accepted.security import SECURITY
from cordwood.model.settings.accepted.tiered_storage import TIERED_STORAGE

ACCEPTED: Final = (
    SERVING,
    REPLICATION,
    CLUSTER,
    LOGS,
    TIERED_STORAGE,
    SECURITY,
    SASL,
    SHARE_GROUPS,
    STREAMS_GROUPS,
    METRICS,
    PLUGINS,
    DROPPED,
)
"""The families, those of most interest first."""

ACCEPTED_ROWS: Final = tuple(row for family in ACCEPTED for row in family.rows)
