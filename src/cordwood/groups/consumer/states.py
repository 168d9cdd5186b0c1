"""The state of a consumer group, which is not kept but follows from its epochs and members.

Lives here: how it follows, as one table, and the diagram of the docs that is drawn from it. Must not live here: what
changes epochs and members.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Final, NamedTuple

from cordwood.groups.consumer.group import ConsumerGroup


class GroupState(enum.Enum):
    """The states, by the names that Kafka's tools know."""

    EMPTY = "Empty"
    ASSIGNING = "Assigning"
    RECONCILING = "Reconciling"
    STABLE = "Stable"
    DEAD = "Dead"
    """No state of a group that there is, but what is said of one that there is not."""


class _Rule(NamedTuple):
    state: GroupState
    condition: str
    holds: Callable[[ConsumerGroup], bool]


def _is_reconciled(group: ConsumerGroup) -> bool:
    return all(member.is_reconciled_to(group.target_epoch) for member in group.members.values())


RULES: Final = (
    _Rule(GroupState.EMPTY, "no members", lambda group: not group.members),
    _Rule(GroupState.ASSIGNING, "the epoch is ahead of the target", lambda group: group.epoch > group.target_epoch),
    _Rule(GroupState.RECONCILING, "not all members have their target", lambda group: not _is_reconciled(group)),
    _Rule(GroupState.STABLE, "all members have their target", _is_reconciled),
)
"""The first that holds is the state."""


def state_of(group: ConsumerGroup | None) -> GroupState:
    """The state of a group; of none, DEAD."""
    if group is None:
        return GroupState.DEAD
    return next(rule.state for rule in RULES if rule.holds(group))


def diagram() -> str:
    """The table as a Mermaid diagram: one question after the other, until one is answered with yes."""
    lines = ["flowchart LR"]
    for number, (state, condition, _) in enumerate(RULES[:-1]):
        lines.append(f'    rule{number}{{"{condition}?"}} -- yes --> {state.name}(["{state.value}"])')
        if number + 2 < len(RULES):
            lines.append(f"    rule{number} -- no --> rule{number + 1}")
    last = RULES[-1].state
    lines.append(f'    rule{len(RULES) - 2} -- no --> {last.name}(["{last.value}"])')
    return "\n".join(lines)
