"""What the cluster itself is asked to do to its quorum: another leader, other voters.

Lives here: handovers, and voters that become learners and voters again, several at once. Must not live here: faults of
machines and networks (`faults`).

Every node stays a member: a broker that is none does not hear of the metadata any more.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final

from cordwood.model.consensus_errors import GroupStopped, NotTaken
from cordwood.raft import Change, ChangeKind, ConfChange, Transition
from cordwood.sim.quorum.field import both_ways

if TYPE_CHECKING:
    from collections.abc import Callable

    from cordwood.consensus.driver import Driver
    from cordwood.env.dice import Dice
    from cordwood.sim.quorum.field import Field
    from cordwood.sim.quorum.members import Member

SOON_MS: Final = 12

UNSTEADY_MS: Final = 3_000
"""So long after it was asked for, a handover or a change may still come."""


async def hand_over(field: Field, dice: Dice) -> None:
    """Somebody asks the leader to hand over to a member."""
    members = list(field.members.values())
    asker, target = members[dice.below(len(members))], members[dice.below(len(members))]
    driver = asker.driver
    if driver is None or driver.failure is not None:
        return
    _within(asker, lambda: driver.transfer_leadership(target.id))
    with field.troubles.among(field.names):
        await asyncio.sleep(UNSTEADY_MS / 1000)


async def change_members(field: Field, dice: Dice) -> None:
    """Some voters become learners, and learners voters; always through a joint configuration."""
    if field.leader() is None:
        await field.moments.leader_after(0, UNSTEADY_MS / 1000)
    leader = field.leader()
    driver = None if leader is None else leader.driver
    if leader is None or driver is None or driver.failure is not None:
        return
    changes = _changes(driver, dice)
    field.world.trace.note("asks", changes=", ".join(map(str, changes)))
    change = ConfChange(changes, Transition.JOINT_IMPLICIT)
    _within(leader, lambda: _ask(lambda: driver.change(change)))
    with field.troubles.among(field.names):
        if await field.moments.when(lambda sight: sight.leads and sight.configuration.joint, 1.0) and dice.below(3):
            await asyncio.sleep(dice.below(SOON_MS) / 1000)
            await _part(field, dice)
        await asyncio.sleep(UNSTEADY_MS / 1000)


async def _part(field: Field, dice: Dice) -> None:
    """While both sets of voters decide, two camps may lose each other."""
    camps = {name: dice.below(2) for name in field.names}
    near = [name for name in camps if camps[name]]
    far = [name for name in camps if not camps[name]]
    await field.cut(both_ways(near, far), dice.below(UNSTEADY_MS))


def _changes(driver: Driver, dice: Dice) -> tuple[Change, ...]:
    """Any of the nodes change their part; somebody has a vote."""
    now = driver.configuration
    members = sorted(now.members)
    voters = {node for node in members if dice.below(2)} or set(members[:1])
    if voters == now.incoming:
        voters = set(members) - voters or set(members[1:])
    return tuple(
        Change(ChangeKind.ADD_VOTER if node in voters else ChangeKind.ADD_LEARNER, node)
        for node in members
        if (node in voters) is not (node in now.incoming)
    )


def propose(member: Member, command: bytes) -> None:
    """A member proposes a command; what becomes of it is nobody's concern."""
    driver = member.driver
    if driver is not None and driver.failure is None:
        _within(member, lambda: _ask(lambda: driver.propose(command)))


def _ask(ask: Callable[[], asyncio.Future[Any]]) -> None:
    try:
        asked = ask()
    except (NotTaken, GroupStopped):
        return  # As the faults have it: too much waits, or it has just ended.
    # What becomes of it is seen elsewhere; the node may not live to see it.
    asked.add_done_callback(_look, context=Context())


def _look(done: asyncio.Future[Any]) -> None:
    if not done.cancelled():
        done.exception()


def _within(member: Member, work: Callable[[], None]) -> None:
    process = member.machine.process
    assert process is not None, f"{member} does not run"
    process.call(work)
