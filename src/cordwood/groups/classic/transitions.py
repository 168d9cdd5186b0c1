"""The states of a classic group: one table, which replay follows and from which the diagram in the docs is drawn.

Lives here: states, events and where they lead. Must not live here: what else an event changes.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from cordwood.model.state_table import StateTable


class State(Enum):
    """Kafka's names, as DescribeGroups and ListGroups tell them."""

    EMPTY = "Empty"
    PREPARING_REBALANCE = "PreparingRebalance"
    COMPLETING_REBALANCE = "CompletingRebalance"
    STABLE = "Stable"
    DEAD = "Dead"


class Event(Enum):
    """What can happen to a group, in the words of the diagram."""

    MEMBER_ID_GIVEN = "member id given"
    MEMBER_ID_LAPSED = "member id lapsed"
    MEMBER_JOINED = "member joined"
    MEMBER_REPLACED = "static member replaced"
    MEMBERS_REMOVED = "members removed"
    REBALANCE_FORCED = "rebalance forced"
    DELAY_EXTENDED = "initial delay extended"
    GENERATION_BEGUN = "all joined, or out of time"
    MEMBER_SYNCED = "member synced"
    STORED = "assignment stored"
    EMPTIED = "empty generation stored"
    GROUP_REMOVED = "group removed"


TRANSITIONS: Final = StateTable[State, Event](
    "a group",
    begin=State.EMPTY,
    end=State.DEAD,
    rows={
        State.EMPTY: {
            Event.MEMBER_ID_GIVEN: State.EMPTY,
            Event.MEMBER_ID_LAPSED: State.EMPTY,
            Event.MEMBER_JOINED: State.PREPARING_REBALANCE,
            Event.EMPTIED: State.EMPTY,
            # When it is loaded, or was a group of the consumer protocol before.
            Event.STORED: State.STABLE,
            Event.GROUP_REMOVED: State.DEAD,
        },
        State.PREPARING_REBALANCE: {
            Event.MEMBER_ID_GIVEN: State.PREPARING_REBALANCE,
            Event.MEMBER_ID_LAPSED: State.PREPARING_REBALANCE,
            Event.MEMBER_JOINED: State.PREPARING_REBALANCE,
            Event.MEMBER_REPLACED: State.PREPARING_REBALANCE,
            Event.MEMBERS_REMOVED: State.PREPARING_REBALANCE,
            Event.DELAY_EXTENDED: State.PREPARING_REBALANCE,
            Event.GENERATION_BEGUN: State.COMPLETING_REBALANCE,
            Event.EMPTIED: State.EMPTY,
            Event.GROUP_REMOVED: State.DEAD,
        },
        State.COMPLETING_REBALANCE: {
            Event.MEMBER_ID_GIVEN: State.COMPLETING_REBALANCE,
            Event.MEMBER_ID_LAPSED: State.COMPLETING_REBALANCE,
            Event.MEMBER_JOINED: State.PREPARING_REBALANCE,
            Event.MEMBER_REPLACED: State.COMPLETING_REBALANCE,
            Event.MEMBERS_REMOVED: State.PREPARING_REBALANCE,
            Event.MEMBER_SYNCED: State.COMPLETING_REBALANCE,
            Event.STORED: State.STABLE,
            Event.GROUP_REMOVED: State.DEAD,
        },
        State.STABLE: {
            Event.MEMBER_ID_GIVEN: State.STABLE,
            Event.MEMBER_ID_LAPSED: State.STABLE,
            Event.MEMBER_JOINED: State.PREPARING_REBALANCE,
            Event.MEMBER_REPLACED: State.STABLE,
            Event.MEMBERS_REMOVED: State.PREPARING_REBALANCE,
            Event.MEMBER_SYNCED: State.STABLE,
            Event.STORED: State.STABLE,
            Event.REBALANCE_FORCED: State.PREPARING_REBALANCE,
            # When it is loaded: the rebalance that emptied the group was not written.
            Event.EMPTIED: State.EMPTY,
            Event.GROUP_REMOVED: State.DEAD,
        },
        State.DEAD: {},
    },
)
