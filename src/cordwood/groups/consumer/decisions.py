"""Which function answers which command of a consumer group: the tables by which a shard routes.

Lives here: the tables. Must not live here: the functions. Timers are in `expiry`, records in `replay`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from cordwood.groups.classic.commands import Heartbeat, Join, Leave, Sync
from cordwood.groups.consumer.commands import ConsumerHeartbeat
from cordwood.groups.consumer.heartbeat import decide_heartbeat
from cordwood.groups.consumer.migration import join, members
from cordwood.groups.turn import Turn
from cordwood.model.decision import Result

Decision: TypeAlias = Callable[[Mapping[str, Any], Any, Turn], Result]

DECISIONS: Final[Mapping[type, Decision]] = {ConsumerHeartbeat: decide_heartbeat}
"""Of the new protocol, whatever kind of group has the name."""

CLASSIC_DECISIONS: Final[Mapping[type, Decision]] = {
    Join: join.decide_join,
    Sync: members.decide_sync,
    Heartbeat: members.decide_heartbeat,
    Leave: members.decide_leave,
}
"""Of the classic protocol, when a consumer group has the name."""
