"""The settings that decisions about groups act on, with Kafka's names and defaults.

Lives here: their values as one object. Must not live here: where they come from (the table of settings).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Pace(msgspec.Struct, frozen=True):
    """How often members of the consumer protocol are heard of, and how long they may be silent."""

    session_timeout_ms: int
    heartbeat_interval_ms: int


class GroupSettings(msgspec.Struct, frozen=True):
    """Milliseconds, numbers and bytes, each the setting of that name."""

    initial_rebalance_delay_ms: int = 3_000
    """`group.initial.rebalance.delay.ms`: how long the first rebalance of an empty group waits for more members."""
    min_session_timeout_ms: int = 6_000
    max_session_timeout_ms: int = 1_800_000
    max_size: int = 2_147_483_647
    """`group.max.size`: the most members of a classic group."""
    new_member_join_timeout_ms: int = 300_000
    """How long a member that has not joined yet is kept waiting, as in Kafka."""

    consumer_session_timeout_ms: int = 45_000
    consumer_heartbeat_interval_ms: int = 5_000
    consumer_max_size: int = 2_147_483_647
    consumer_assignors: tuple[str, ...] = ("uniform", "range")
    """`group.consumer.assignors`: the first is the default."""
    consumer_migration_policy: str = "bidirectional"
    """`group.consumer.migration.policy`: bidirectional, upgrade, downgrade or disabled."""

    offset_metadata_max_bytes: int = 4_096
    offsets_retention_ms: int = 7 * 24 * 3_600_000
    """`offsets.retention.minutes` in milliseconds."""
    offsets_retention_check_ms: int = 600_000
    """`offsets.retention.check.interval.ms`: how often expired offsets and empty groups are looked for."""

    paces: Mapping[str, Pace] = {}
    """What groups that have settings of their own go by (`consumer.session.timeout.ms` ...), by name."""

    def pace(self, group: str) -> Pace:
        """What a group of the consumer protocol goes by."""
        own = self.paces.get(group)
        return Pace(self.consumer_session_timeout_ms, self.consumer_heartbeat_interval_ms) if own is None else own
