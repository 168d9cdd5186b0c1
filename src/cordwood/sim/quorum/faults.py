"""What goes wrong in a quorum: deaths, pauses, partitions of every shape, handovers and changes of the members.

      bridge      one way      halves         deaf leader      usurpers
      a──b──c     a ───► b     a b │ c d e    all ──x─► a      whoever is elected is cut off at once,
      a──x──c     b ─x─► a                    a ──────► all    again and again

Lives here: the table of faults, and how often each comes. Must not live here: when (`schedule`), on what (`field`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from itertools import product
from typing import TYPE_CHECKING, Final, TypeAlias

from cordwood.metadata import commands
from cordwood.sim.quorum.field import both_ways
from cordwood.sim.quorum.reshaping import change_members, hand_over, propose

if TYPE_CHECKING:
    from cordwood.env.dice import Dice
    from cordwood.sim.quorum.field import Field
    from cordwood.sim.quorum.members import Member
    from cordwood.sim.quorum.schedule import Fault

Work: TypeAlias = "Callable[[Field, Dice], Awaitable[None]]"

DOWN_MS: Final = 1_500
PAUSE_MS: Final = 2_500
CUT_MS: Final = 3_500
CLOCK_MS: Final = 60_000
OPERATIONS: Final = 30
USURPERS: Final = 5
SYNC_MS: Final = 3
"""Mostly too short for what was written to be durable."""
SOON_MS: Final = 25
"""About as long as a few messages and their answers take."""
NO_EFFECT: Final = commands.encode(commands.Command(-1, bytes(commands.TOKEN_BYTES), 0, ()))
"""A command for an image that there never was: it comes too late wherever it comes."""
WAIT_SECONDS: Final = 2.5
"""A new leader is elected within so much time, or the fault is over."""


async def carry_out(fault: Fault, field: Field) -> None:
    """A fault, from its beginning to its end."""
    field.world.trace.note("fault", number=fault.number, kind=fault.kind)
    await FAULTS[fault.kind](field, field.world.dice(f"fault {fault.number}"))


def _staged(play: Work) -> Work:
    """A fault of several scenes: one at a time."""

    async def alone(field: Field, dice: Dice) -> None:
        if not field.stage.locked():
            async with field.stage:
                await play(field, dice)

    return alone


def _any(field: Field, dice: Dice) -> Member | None:
    up = field.up()
    return up[dice.below(len(up))] if up else None


def _leader(field: Field, dice: Dice) -> Member | None:
    return field.leader() or _any(field, dice)


# Deaths.


def _ending(pick: Callable[[Field, Dice], Member | None], *, power: bool) -> Work:
    async def end(field: Field, dice: Dice) -> None:
        member = pick(field, dice)
        if member is not None and member.machine.is_up:
            _end(member, power=power)
            await field.down(member, dice.below(DOWN_MS))

    return end


def _end(member: Member, *, power: bool) -> None:
    if power:
        member.machine.cut_power()
    else:
        member.machine.kill()


async def _blackout(field: Field, dice: Dice) -> None:
    """All lose their power at once."""
    members = field.up()
    for member in members:
        _end(member, power=True)
    await asyncio.gather(*(field.down(member, dice.below(DOWN_MS)) for member in members))


async def _die_at_operation(field: Field, dice: Dice) -> None:
    """Before or in the midst of some operation on the disk that is to come."""
    member = _any(field, dice)
    if member is not None:
        await _light(field, dice, member)


async def _light(field: Field, dice: Dice, member: Member) -> None:
    machine = member.machine
    machine.die_at_operation(dice.below(OPERATIONS), power=bool(dice.below(2)))
    with field.troubles.among([member.name]):
        await asyncio.sleep(DOWN_MS / 1000)
        machine.defuse()
        if not machine.is_up:
            machine.start()


async def _die_behind(field: Field, dice: Dice) -> None:
    """A member lags, and dies when a snapshot has brought it up, before or after its log has followed."""
    followers = [member for member in field.up() if member is not field.leader()]
    if not followers:
        return
    member = followers[dice.below(len(followers))]
    await field.cut(both_ways([member.name], field.names), CUT_MS // 2 + dice.below(CUT_MS // 2))
    arrived = await field.moments.when(
        lambda sight: sight.node == member.id and sight.before == sight.last == sight.snapshot, WAIT_SECONDS
    )
    if arrived is not None:
        await asyncio.sleep(dice.below(SYNC_MS) / 1000)
        if member.machine.is_up:
            _end(member, power=bool(dice.below(3)))
            await field.down(member, dice.below(DOWN_MS))


async def _restart(field: Field, dice: Dice) -> None:
    member = _any(field, dice)
    if member is not None and member.machine.is_serving:
        with field.troubles.among([member.name]):
            await member.machine.stop()
            await field.down(member, dice.below(DOWN_MS))


def _pausing(pick: Callable[[Field, Dice], Member | None]) -> Work:
    async def pause(field: Field, dice: Dice) -> None:
        member = pick(field, dice)
        if member is not None and member.machine.is_up:
            milliseconds = dice.below(PAUSE_MS)
            member.machine.pause(milliseconds)
            with field.troubles.among([member.name]):
                await asyncio.sleep(milliseconds / 1000)

    return pause


# Partitions.


def _isolating(pick: Callable[[Field, Dice], Member | None]) -> Work:
    async def isolate(field: Field, dice: Dice) -> None:
        """From the other members; perhaps from the clients, too."""
        member = pick(field, dice)
        if member is not None:
            others = field.names if dice.below(2) else [*field.names, *field.hosts]
            await field.cut(both_ways([member.name], others), dice.below(CUT_MS))

    return isolate


async def _halves(field: Field, dice: Dice) -> None:
    camps = {name: dice.below(2) for name in (*field.names, *field.hosts)}
    ways = [(one, other) for one, other in product(camps, camps) if camps[one] != camps[other]]
    await field.cut(ways, dice.below(CUT_MS))


async def _bridge(field: Field, dice: Dice) -> None:
    """Two camps that do not reach each other, and one member that reaches both; the leader is in a camp."""
    if dice.below(2):
        await asyncio.sleep(WAIT_SECONDS)  # Until the leader is an old one.
    leader = _leader(field, dice)
    if leader is None:
        return
    others = [name for name in field.names if name != leader.name]
    bridge = others.pop(dice.below(len(others)))
    far = [name for name in others if dice.below(2)] or others[:1]
    near = [name for name in (*field.names, *field.hosts) if name not in {bridge, *far}]
    await field.cut(both_ways(near, far), CUT_MS // 2 + dice.below(CUT_MS))


async def _one_way(field: Field, dice: Dice) -> None:
    """Some reach a member and do not hear of it, or the other way round."""
    member = _any(field, dice)
    if member is None:
        return
    some = [name for name in field.names if dice.below(2)] or field.names
    ways = product(some, [member.name])
    is_mute = dice.below(2)
    await field.cut([(target, source) if is_mute else (source, target) for source, target in ways], dice.below(CUT_MS))


async def _deaf_leader(field: Field, dice: Dice) -> None:
    """The leader goes on speaking, and hears nothing."""
    leader = _leader(field, dice)
    if leader is not None:
        await field.cut(product(field.names, [leader.name]), dice.below(CUT_MS))


async def _usurpers(field: Field, dice: Dice) -> None:
    """Whoever is elected loses most of the others at once, or dies: entries that few have, terms that are short."""
    first, term = field.leader(), 0
    if first is not None:
        await field.cut(both_ways([first.name], field.names), CUT_MS // 2)
    for _ in range(USURPERS):
        sight = await field.moments.leader_after(term, WAIT_SECONDS)
        if sight is None:
            return
        term, leader = sight.term, field.members[sight.node]
        friends = {name for name in field.names if not dice.below(3)}
        await asyncio.sleep(dice.below(SOON_MS) / 1000)
        if dice.below(3) == 0 and leader.machine.is_up:
            _end(leader, power=bool(dice.below(2)))
            await field.down(leader, dice.below(DOWN_MS // 2))
        else:
            lost = [name for name in field.names if name not in friends]
            await field.cut(both_ways([leader.name], lost), dice.below(CUT_MS // 2))


async def _old_entries(field: Field, dice: Dice) -> None:
    """Figure 8 of the Raft paper: entries of an earlier term come to a majority, and a later leader has none of them.

    A leader and one other are cut off with what they take in; the next leader is cut off at once; the one after it, which
    hands on the entries that it finds, when it commits something; and then the second one comes back.
    """
    first = field.leader()
    if first is None or first.driver is None:
        return
    others = [name for name in field.names if name != first.name]
    pair = [first.name, others.pop(dice.below(len(others)))]
    cut = asyncio.ensure_future(field.cut(both_ways(pair, others), int(1000 * WAIT_SECONDS)))
    for _ in range(2 + dice.below(4)):
        propose(first, NO_EFFECT)
    second = await field.moments.leader_after(first.driver.term, WAIT_SECONDS)
    cut.cancel()
    if second is None:
        return
    usurper = field.members[second.node].name
    cut = asyncio.ensure_future(field.cut(both_ways([usurper], field.names), int(2000 * WAIT_SECONDS)))
    third = await field.moments.leader_after(second.term, WAIT_SECONDS)
    if third is not None:
        await field.moments.when(lambda sight: sight.node == third.node and sight.commit > third.commit, WAIT_SECONDS)
        cut.cancel()
        await field.cut(both_ways({*pair, field.members[third.node].name}, field.names), 2 * CUT_MS)
    cut.cancel()


# The rest.


async def _reset(field: Field, dice: Dice) -> None:
    member = _any(field, dice)
    if member is not None:
        field.world.network.reset_all(member.name)
        with field.troubles.among([member.name]):
            await asyncio.sleep(0)


async def _set_clock(field: Field, dice: Dice) -> None:
    member = _any(field, dice)
    if member is not None:
        member.machine.clock.set_by(dice.below(2 * CLOCK_MS) - CLOCK_MS)


FAULTS: Final[Mapping[str, Work]] = {
    "kill": _ending(_any, power=False),
    "kill leader": _ending(_leader, power=False),
    "power off": _ending(_any, power=True),
    "power off leader": _ending(_leader, power=True),
    "blackout": _blackout,
    "die at operation": _die_at_operation,
    "die behind": _staged(_die_behind),
    "restart": _restart,
    "pause": _pausing(_any),
    "pause leader": _pausing(_leader),
    "isolate": _isolating(_any),
    "isolate leader": _isolating(_leader),
    "halves": _halves,
    "bridge": _bridge,
    "one way": _one_way,
    "deaf leader": _deaf_leader,
    "usurpers": _staged(_usurpers),
    "old entries": _staged(_old_entries),
    "reset": _reset,
    "set clock": _set_clock,
    "hand over": hand_over,
    "change members": change_members,
}

WEIGHTS: Final[Mapping[str, int]] = dict.fromkeys(FAULTS, 1) | {
    "power off": 2,
    "die at operation": 3,
    "isolate leader": 2,
    "bridge": 2,
    "usurpers": 2,
    "old entries": 3,
    "die behind": 2,
    "change members": 4,
}
"""How often each comes."""
