"""What the shard needs to know of the classic protocol: which function decides what.

Lives here: the tables, for commands and for timers. Must not live here: decisions. (`replay.REPLAYS` is the table for
records.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from cordwood.groups.classic.commands import Heartbeat, Join, Leave, Sync
from cordwood.groups.classic.departure import decide_leave, expire_session, expire_sync
from cordwood.groups.classic.draft import JOIN, SESSION, SYNC, Draft
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.classic.join import decide_join
from cordwood.groups.classic.rebalance import expire_join
from cordwood.groups.classic.records import GenerationBegun, MembersRemoved
from cordwood.groups.classic.sync import decide_heartbeat, decide_sync
from cordwood.groups.turn import Turn
from cordwood.model.decision import NOTHING, Record, Result, TimerKey

DECISIONS: Final[Mapping[type, Callable[[Mapping[str, object], Any, Turn], Result]]] = MappingProxyType(
    {Join: decide_join, Sync: decide_sync, Heartbeat: decide_heartbeat, Leave: decide_leave}
)
"""For each command, who decides it."""


_EXPIRIES: Final[Mapping[str, Callable[[Draft, TimerKey, Turn], None]]] = MappingProxyType(
    {
        SESSION: lambda draft, key, turn: expire_session(draft, key[2], turn),
        JOIN: lambda draft, _, turn: expire_join(draft, turn),
        SYNC: lambda draft, _, turn: expire_sync(draft, turn),
    }
)


def _expired(groups: Mapping[str, object], key: TimerKey, turn: Turn) -> Result:
    group = groups.get(key[1])
    if not isinstance(group, ClassicGroup):
        return NOTHING
    draft = Draft(group)
    _EXPIRIES[key[0]](draft, key, turn)
    return draft.result()


EXPIRIES: Final[Mapping[str, Callable[[Mapping[str, object], TimerKey, Turn], Result]]] = MappingProxyType(
    dict.fromkeys(_EXPIRIES, _expired)
)
"""For each purpose of a timer (the first of its key), what comes of it; nothing when the group is gone."""


def counted(record: Record) -> tuple[str, int] | None:
    """What a record adds to which count: rebalances, or members removed by the reason for it; None for the others."""
    match record:
        case GenerationBegun():
            return "rebalances", 1
        case MembersRemoved():
            return record.reason.value, len(record.member_ids)
        case _:
            return None
