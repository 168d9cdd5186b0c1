"""Pauses grow, have an end, and end early when there is news."""

from __future__ import annotations

import asyncio

from cordwood.controller.patience import FIRST_PAUSE_S, LONGEST_PAUSE_S, Patience
from cordwood.env.dice import SeededDice
from cordwood.sim.loop import new_loop


def test_pauses_grow_up_to_the_longest():
    loop = new_loop(SeededDice(1))
    patience = Patience(loop)

    async def lengths():
        found = []
        for attempts in (0, 1, 2, 8, 100_000):
            start = loop.time()
            await patience.pause(attempts, ValueError(attempts))
            found.append(round(loop.time() - start, 2))
        return found

    assert loop.run_until_complete(lengths()) == [
        FIRST_PAUSE_S,
        2 * FIRST_PAUSE_S,
        4 * FIRST_PAUSE_S,
        LONGEST_PAUSE_S,
        LONGEST_PAUSE_S,
    ]
    assert patience.trouble == "100000"


def test_news_end_every_pause():
    loop = new_loop(SeededDice(1))
    patience = Patience(loop)

    async def pause_together():
        start = loop.time()
        pauses = [loop.create_task(patience.pause(9, ValueError("x"))) for _ in range(3)]
        loop.call_later(0.1, patience.end_pauses)
        await asyncio.gather(*pauses)
        early = loop.time() - start
        await patience.pause(9, ValueError("x"))
        return early, loop.time() - start

    early, late = loop.run_until_complete(pause_together())
    assert 0.1 <= early < 0.11
    assert late > early + LONGEST_PAUSE_S - 0.01, "old news end no new pause"
