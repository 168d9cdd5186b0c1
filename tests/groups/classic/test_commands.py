"""What a request of an old version does not say has the value that Kafka gives it."""

from __future__ import annotations

from typing import Any

from cordwood.groups.classic.commands import Heartbeat, Join, Leave, Leaving, Sync


def test_a_member_of_an_old_version_is_let_in_at_once():
    join = Join("g", "", None, "client", "/host", 10_000, 10_000, "consumer", ())
    assert not join.require_known_member_id
    assert not join.supports_skipping_assignment


def test_a_sync_of_an_old_version_names_no_protocol():
    sync = Sync("g", "m", None, 1)
    assert (sync.protocol_type, sync.protocol, sync.assignments) == (None, None, ())


def test_every_command_names_its_group():
    commands: list[Any] = [Sync("g", "m", None, 1), Heartbeat("g", "m", None, 1), Leave("g", (Leaving("m"),))]
    assert {command.group for command in commands} == {"g"}
