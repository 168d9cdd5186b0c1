"""How often logs are looked after, and when one is let go.

Lives here: the values. Must not live here: the rounds themselves (housekeeping.py, idling.py).
"""

from __future__ import annotations

from typing import NamedTuple


class Rounds(NamedTuple):
    """The settings of one broker's housekeeping. In brackets the names that users know."""

    retention_check_ms: int
    """Between two looks at what retention removes [log.retention.check.interval.ms]."""
    checkpoint_interval_ms: int
    """Between two rounds of checkpoints [log.flush.offset.checkpoint.interval.ms]."""
    idle_ms: int
    """A log that nobody used for so long goes to rest [log.idle.ms]."""
    open_files_limit: int
    """So many segments may be open before logs go to rest earlier, those first that were used longest ago
    [log.open.files.limit]."""
