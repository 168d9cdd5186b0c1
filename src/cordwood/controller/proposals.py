"""The way of a decision: decided here, proposed to the group, and answered once its image is shown here.

      ask ──> round ──> command ──> committed: took ──────> shown here ──> answered
               ^           │  ^                │ conflict
               │           │  └─ not taken, or not known: the same bytes again
               └───────────┴── decided again on the image that is there now
      without records: read index ──> nothing newer ──> answered

Lives here: that way, for all who ask on this node. Must not live here: decisions (`metadata`), what a command does
(machine.py), deadlines (controller.py).

1. One command of a node is under way at a time; who asks meanwhile shares the next one.
2. A command is proposed again only as the same bytes, and only while its base is the newest image: it takes effect once
   at most, whatever the group did with the copies.
3. Nobody is told what was decided on an image that may be stale, not even a refusal.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cordwood.controller.machine import Conflict, Fate, Lost, Took
from cordwood.controller.rounds import Ask, Round
from cordwood.metadata import Image, Result, commands
from cordwood.model.consensus_errors import GroupStopped, NotTaken, OutcomeUnknown

if TYPE_CHECKING:
    from cordwood.consensus.driver import Driver
    from cordwood.controller.machine import Machine
    from cordwood.controller.patience import Patience
    from cordwood.controller.reading import Reading
    from cordwood.controller.room import Room
    from cordwood.controller.showing import Showing, Shown

T = TypeVar("T")

ASKS_LIMIT: Final = 16_384
"""So many may wait; further ones are refused."""


class Proposals:
    """The decisions of one node. Belongs to the event loop's thread."""

    def __init__(
        self,
        driver: Driver,
        machine: Machine,
        showing: Showing,
        *,
        reading: Reading,
        patience: Patience,
        room: Room,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._driver = driver
        self._machine = machine
        self._showing = showing
        self._reading = reading
        self._patience = patience
        self._room = room
        self._loop = loop
        self._asks: deque[Ask[Any]] = deque()
        self._working: asyncio.Task[None] | None = None
        self._number = 0
        self._closed = False

    def ask(self, decide: Callable[[Image], Result[T]]) -> Ask[T]:
        """Has a decision carried out. Who cancels the answer waits no more: the command may still take effect.

        Raises NotTaken where too many wait, GroupStopped. The answer raises what `decide` raises, InvalidMetadata for
        records that do not fit, DiskFull, after which nothing has changed, InvalidRequest for too many records,
        OutcomeUnknown, GroupStopped, and what a subscriber raised, after which the change is in effect all the same.
        """
        if self._closed:
            raise GroupStopped("it was closed")
        if len(self._asks) >= ASKS_LIMIT:
            raise NotTaken(f"{len(self._asks)} decisions wait already: slow down")
        answer: asyncio.Future[T] = self._loop.create_future()
        answer.add_done_callback(_look)
        ask = Ask(decide, answer)
        self._asks.append(ask)
        if self._working is None:
            self._working = self._loop.create_task(self._work())
        return ask

    def close(self) -> None:
        """Whoever waits is told that nothing is proposed any more."""
        self._closed = True
        if self._working is not None:
            self._working.cancel()
        while self._asks:
            self._asks.popleft().fail(GroupStopped("it was closed"))

    async def _work(self) -> None:
        try:
            while self._asks:
                await self._one_round()
        finally:
            self._working = None

    async def _one_round(self) -> None:
        """Gets one round to its end; if another image came over it, its asks stay for the next one."""
        one = Round(self._machine.image)
        one.decide(self._asks)
        try:
            revision = await self._carry_out(one)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self._drop(one)
            one.fail(error)
            return
        if revision is not None:
            self._drop(one)
            one.stand()
            self._showing.reached(revision).add_done_callback(lambda shown: _tell(one, shown))

    def _drop(self, one: Round) -> None:
        for _ in range(min(len(one), len(self._asks))):
            self._asks.popleft()

    async def _carry_out(self, one: Round) -> int | None:
        """The revision whose showing is to be waited for; None if it has to be decided again."""
        base = one.base.revision
        if one.is_over:
            return base
        if not one.records:
            await self._reading.confirm(lambda: one.is_over)
            return base if self._machine.image.revision == base else None
        match await self._submit(one):
            case Took(revision):
                return revision
            case Lost():
                raise OutcomeUnknown("a snapshot of another node took the place of what was to show it")
            case Conflict() | None:
                return None

    async def _submit(self, one: Round) -> Fate | None:
        """Proposes until the fate of the command is known; None if nobody waits for it any more."""
        machine, base = self._machine, one.base.revision
        self._number += 1
        number = self._number
        command = commands.encode(commands.Command(base, machine.token, number, tuple(one.records)))
        self._room.check(len(command))
        machine.expect(number)
        try:
            attempts, was_taken = 0, False
            while (fate := machine.fate(number, base)) is None and not one.is_over:
                try:
                    return await self._propose(command)
                except (NotTaken, OutcomeUnknown) as error:
                    was_taken = was_taken or isinstance(error, OutcomeUnknown)
                    await self._patience.pause(attempts, error)
                    attempts += 1
            return Conflict() if isinstance(fate, Lost) and not was_taken else fate
        finally:
            machine.forget(number)

    async def _propose(self, command: bytes) -> Fate:
        fate: Fate = await self._driver.propose(command)
        return fate


def _tell(one: Round, shown: Shown) -> None:
    """The image is shown; who changed it hears of a subscriber that could not follow."""
    error = shown.result()
    if error is None or (not one.records and not isinstance(error, GroupStopped)):
        one.answer()
    else:
        one.fail(error)


def _look(answer: asyncio.Future[Any]) -> None:
    """An error that nobody waits for any more was told all the same."""
    if not answer.cancelled():
        answer.exception()
