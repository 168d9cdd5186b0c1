"""The base of all records of groups.

Lives here: that base. Must not live here: any record (see `classic`, `consumer` and `offsets`).
"""

from __future__ import annotations

from cordwood.model import decision


class Record(decision.Record, frozen=True):
    """One change of one group; the subclasses say which."""

    group: str
