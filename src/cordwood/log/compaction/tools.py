"""What a thread compacts with: disk, clock, pace, and the one offset map; and how far it got, as plain numbers.

Lives here: values. Must not live here: work.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from cordwood.env.clock import SystemClock
from cordwood.env.disk import LocalDisk
from cordwood.log.compaction.config import CleanerConfig
from cordwood.log.compaction.offset_map import OffsetMap
from cordwood.log.compaction.pace import Pace

if TYPE_CHECKING:
    from cordwood.env.clock import Clock
    from cordwood.env.disk import Disk
    from cordwood.log.compaction.pace import Stop


class Progress:
    """Counters over all compactions of a thread, to be read by anybody at any time."""

    __slots__ = (
        "bytes_mapped",
        "bytes_read",
        "bytes_written",
        "compactions",
        "failures",
        "path",
        "records",
        "records_kept",
        "rounds",
        "seconds",
        "segments_made",
        "segments_replaced",
        "stops",
    )

    def __init__(self) -> None:
        self.path: str | None = None
        """The log that is compacted now."""
        self.compactions = 0
        """How many were finished."""
        self.stops = 0
        """How many gave up because they were asked to, or because the log was cut under them."""
        self.failures = 0
        self.seconds = 0.0
        """How long it worked, the waits for its throttle included."""
        self.rounds = 0
        """How often the map was filled."""
        self.bytes_mapped = 0
        """Bytes of batches whose keys went into the map."""
        self.bytes_read = 0
        """Bytes of batches that were looked at for what stays of them."""
        self.bytes_written = 0
        self.records = 0
        self.records_kept = 0
        self.segments_replaced = 0
        self.segments_made = 0


class Tools:
    """What one thread compacts with, one log after the other."""

    __slots__ = ("clock", "config", "disk", "offset_map", "pace", "progress", "stop")

    def __init__(
        self,
        config: CleanerConfig | None = None,
        *,
        disk: Disk | None = None,
        clock: Clock | None = None,
        stop: Stop | None = None,
    ) -> None:
        self.config = config or CleanerConfig()
        self.disk = disk or LocalDisk()
        self.clock = clock or SystemClock()
        self.stop = stop or threading.Event()
        self.pace = Pace(self.clock, self.stop, self.config.max_bytes_per_second)
        self.offset_map = OffsetMap(self.config.map_entries)
        self.progress = Progress()

    def take(self, config: CleanerConfig) -> None:
        """Works with other settings from now on; called between two logs, by the thread that compacts."""
        if config == self.config:
            return
        if config.map_entries != self.config.map_entries:
            self.offset_map = OffsetMap(config.map_entries)
        self.config = config
        self.pace.rate = config.max_bytes_per_second
