"""All groups of one partition of `__consumer_offsets`: the state machine that the coordinator runs.

    decide(command, turn) -> Result      changes nothing
    expired(key, turn)    -> Result      a timer's turn has come
    loaded(turn)          -> Results     the log was replayed: timers, and repairs
    replay(record)                       the only way that state changes
    ask(query, turn)                     what is so now

Lives here: who decides what, by the type of the command and the kind of the group. Must not live here: a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from cordwood.groups import kinds, removal
from cordwood.groups.classic import replay as classic_replay
from cordwood.groups.classic import tables as classic
from cordwood.groups.classic.group import ClassicGroup
from cordwood.groups.consumer import decisions as consumer
from cordwood.groups.consumer import expiry as consumer_expiry
from cordwood.groups.consumer import replay as consumer_replay
from cordwood.groups.consumer.group import ConsumerGroup
from cordwood.groups.kinds import Group
from cordwood.groups.listing import ListGroups, describe, list_groups
from cordwood.groups.offsets import committing, fetching, removing
from cordwood.groups.offsets.commands import Commit, DeleteOffsets, FetchOffsets, ForgetTopics
from cordwood.groups.offsets.records import OffsetCommitted, OffsetRemoved
from cordwood.groups.offsets.table import OffsetTable
from cordwood.groups.removal import DeleteGroup
from cordwood.groups.turn import Turn
from cordwood.model.decision import Record, Result, Timer, TimerKey, answered, merged
from cordwood.model.errors import CordwoodError

Replay: TypeAlias = Callable[[dict[str, Any], Any], None]
Expiry: TypeAlias = Callable[[Mapping[str, Any], TimerKey, Turn], Result]

CLEARING: Final[TimerKey] = ("clearing",)
"""The timer that looks for offsets that have expired, and for groups without offsets and members."""

CLEARED_AT_ONCE: Final = 200
"""So many groups are looked at in one turn, so that others have theirs between."""

_REPLAYS: Final[Mapping[type[Record], Replay]] = MappingProxyType({**classic_replay.REPLAYS, **consumer_replay.REPLAYS})
_EXPIRIES: Final[Mapping[str, Expiry]] = MappingProxyType({**classic.EXPIRIES, **consumer_expiry.EXPIRIES})


class Shard:
    """State of one shard."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self.offsets = OffsetTable()
        self._uncleared: list[str] = []
        """What is left of a round of clearing: a plan, which may be lost."""

    # State.

    def replay(self, record: Record) -> None:
        """Takes up one record."""
        if isinstance(record, OffsetCommitted):
            self.offsets.replay(record)
            if record.group not in self.groups:  # Whoever commits without a group has one from then on, a simple one.
                self.groups[record.group] = ClassicGroup(record.group)
        elif isinstance(record, OffsetRemoved):
            self.offsets.replay(record)
        else:
            _REPLAYS[type(record)](self.groups, record)

    def complete_transaction(self, producer_id: int, *, committed: bool) -> None:
        """A transaction that may have committed offsets is over, by its marker in the log."""
        self.offsets.complete(producer_id, committed=committed)

    # Decisions.

    def decide(self, command: Any, turn: Turn) -> Result:  # noqa: ANN401 - any command of the packages below.
        """What a command comes to; an error that it raises is its answer."""
        try:
            return self._decide(command, turn)
        except CordwoodError as error:
            return answered(turn.ticket, error)

    def _decide(self, command: Any, turn: Turn) -> Result:  # noqa: ANN401 - see `decide`.
        match command:
            case Commit():
                return committing.decide_commit(self.groups, command, turn)
            case FetchOffsets():
                return fetching.decide_fetch(self.groups, self.offsets, command, turn)
            case DeleteOffsets():
                return removing.decide_delete(self.groups, self.offsets, command, turn)
            case ForgetTopics():
                return removing.decide_forget(self.offsets, command, turn)
            case DeleteGroup():
                return removal.decide_delete_group(self.groups, self.offsets, command, turn)
            case _:
                return self._decide_membership(command, turn)

    def _decide_membership(self, command: Any, turn: Turn) -> Result:  # noqa: ANN401 - see `decide`.
        kind = type(command)
        decide = consumer.DECISIONS.get(kind)
        if decide is None:
            in_consumer_group = type(self.groups.get(command.group)) is ConsumerGroup
            decide = (consumer.CLASSIC_DECISIONS if in_consumer_group else classic.DECISIONS)[kind]
        return decide(self.groups, command, turn)

    def expired(self, key: TimerKey, turn: Turn) -> Result:
        """What comes of a timer."""
        return self._clear(turn) if key == CLEARING else _EXPIRIES[key[0]](self.groups, key, turn)

    def _clear(self, turn: Turn) -> Result:
        """A part of a round over all groups; the next one begins when this is done and the interval has passed."""
        if not self._uncleared:
            self._uncleared = list(self.groups)
        names = self._uncleared[-CLEARED_AT_ONCE:]
        del self._uncleared[-CLEARED_AT_ONCE:]
        found = [removal.cleared(group, self.offsets, turn) for name in names if (group := self.groups.get(name))]
        delay_ms = 0 if self._uncleared else turn.settings.offsets_retention_check_ms
        return merged(*found, Result(timers=(Timer(CLEARING, delay_ms),)))

    def loaded(self, turn: Turn) -> Iterator[Result]:
        """What is to be done after the log was replayed, in pieces: offsets of deleted topics go, timers are set."""
        for name, group in list(self.groups.items()):
            yield merged(Result(removing.orphans(self.offsets, name, turn.topics)), kinds.loaded(group, turn))
        yield Result(timers=(Timer(CLEARING, turn.settings.offsets_retention_check_ms),))

    # Questions.

    def ask(self, query: Any, turn: Turn) -> Any:  # noqa: ANN401 - any query of `listing`.
        """What is so now. Raises GroupNotFound."""
        if isinstance(query, ListGroups):
            return list_groups(self.groups, query)
        return describe(self.groups, query, turn)
