"""What the partitions of a topic take from its settings, worked out once for all topics that are set alike.

Lives here: the value, and what is remembered of it. Must not live here: which setting means what (log_settings.py).

Most topics of a broker are set alike: a thousand of them with the broker's defaults share one value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from cordwood.log.compaction.config import CompactionConfig
from cordwood.log.config import LogConfig
from cordwood.model.settings import NO_LAYERS, Layers
from cordwood.records.conform import Demands
from cordwood.replica.log_settings import compaction_config, demands, log_config, min_in_sync_replicas

REMEMBERED_LIMIT: Final = 1000
"""So many different ways in which topics are set are remembered."""


class TopicSettings(NamedTuple):
    """What the partitions of a topic take from its settings."""

    log: LogConfig
    min_in_sync_replicas: int
    demands: Demands
    compaction: CompactionConfig | None


class Resolved:
    """The settings of topics under the newest settings of the broker. Used by one thread at a time."""

    def __init__(self) -> None:
        self._layers: Layers = NO_LAYERS
        self._known: dict[tuple[tuple[str, str], ...], TopicSettings] = {}

    def of(self, overrides: Mapping[str, str], layers: Layers) -> TopicSettings:
        """Those of a topic: its own over the broker's."""
        if layers != self._layers or len(self._known) >= REMEMBERED_LIMIT:
            self._layers = layers
            self._known = {}
        key = tuple(sorted(overrides.items()))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = TopicSettings(
                log_config(overrides, layers),
                min_in_sync_replicas(overrides, layers),
                demands(overrides, layers),
                compaction_config(overrides, layers),
            )
        return found
