"""What of a heartbeat can be refused without a look at its group.

Lives here: those checks, as Kafka's coordinator makes them. Must not live here: what depends on the group.
"""

from __future__ import annotations

from typing import Final

from cordwood.groups.consumer.commands import (
    JOIN_EPOCH,
    LEAVE_EPOCH,
    LEAVE_STATIC_EPOCH,
    NO_REBALANCE_TIMEOUT,
    ConsumerHeartbeat,
)
from cordwood.groups.settings import GroupSettings
from cordwood.model.errors import InvalidRequest
from cordwood.model.group_errors import UnsupportedAssignor

MEMBERS_MAKE_IDS_SINCE: Final = 1


def check_heartbeat(command: ConsumerHeartbeat, settings: GroupSettings) -> None:
    """Raises InvalidRequest or UnsupportedAssignor."""
    needs_id = command.version >= MEMBERS_MAKE_IDS_SINCE or command.epoch > 0 or command.epoch == LEAVE_EPOCH
    if needs_id and not command.member_id:
        raise InvalidRequest("the member id is empty")
    for what, value in (("group", command.group), ("instance", command.instance_id), ("rack", command.rack_id)):
        if value == "":
            raise InvalidRequest(f"the {what} id is empty")
    if command.epoch == JOIN_EPOCH:
        _check_join(command)
    elif command.epoch == LEAVE_STATIC_EPOCH and command.instance_id is None:
        raise InvalidRequest(f"epoch {LEAVE_STATIC_EPOCH} is for members with an instance id")
    elif command.epoch < LEAVE_STATIC_EPOCH:
        raise InvalidRequest(f"epoch {command.epoch} means nothing")
    if command.assignor is not None and command.assignor not in settings.consumer_assignors:
        raise UnsupportedAssignor(command.assignor, ", ".join(settings.consumer_assignors))


def _check_join(command: ConsumerHeartbeat) -> None:
    if command.rebalance_timeout_ms == NO_REBALANCE_TIMEOUT:
        raise InvalidRequest("a member that joins says its rebalance timeout")
    if command.owned is None or command.owned:
        raise InvalidRequest("a member that joins owns nothing, and says so by an empty list")
    # Both may be empty: then the member is in the group and subscribes to nothing.
    if command.topics is None and command.regex is None:
        raise InvalidRequest("a member that joins says what it subscribes to, by names or by a regular expression")
