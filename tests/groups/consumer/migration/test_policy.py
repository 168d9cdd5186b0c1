"""What the values of group.consumer.migration.policy allow."""

from __future__ import annotations

import pytest

from cordwood.groups.consumer.migration.policy import allows_downgrade, allows_upgrade
from cordwood.groups.settings import GroupSettings


@pytest.mark.parametrize(
    ("policy", "up", "down"),
    [
        ("bidirectional", True, True),
        ("upgrade", True, False),
        ("downgrade", False, True),
        ("disabled", False, False),
    ],
)
def test_policies(policy, up, down):
    settings = GroupSettings(consumer_migration_policy=policy)
    assert (allows_upgrade(settings), allows_downgrade(settings)) == (up, down)
