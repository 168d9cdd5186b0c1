"""`group.consumer.migration.policy`: which way groups may pass between the protocols.

Lives here: what its values mean. Must not live here: the passing.
"""

from __future__ import annotations

from cordwood.groups.settings import GroupSettings


def allows_upgrade(settings: GroupSettings) -> bool:
    """Whether a classic group may become a consumer group."""
    return settings.consumer_migration_policy in ("bidirectional", "upgrade")


def allows_downgrade(settings: GroupSettings) -> bool:
    """Whether a consumer group may become a classic group."""
    return settings.consumer_migration_policy in ("bidirectional", "downgrade")
