"""The shown image follows the committed one, after everybody concerned."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.controller.showing import STUMBLES_REMEMBERED, Showing
from cordwood.metadata import EMPTY, Image
from cordwood.model.consensus_errors import GroupStopped


def image_of(revision):
    return Image(revision=revision)


@pytest.mark.asyncio
async def test_subscribers_come_first_and_in_turn():
    showing, seen = Showing(EMPTY), []

    async def follow(name, transition):
        await asyncio.sleep(0)
        seen.append((name, transition.before.revision, transition.after.revision, showing.image.revision))

    showing.subscribe(lambda transition: follow("first", transition))
    showing.subscribe(lambda transition: follow("second", transition))
    showing.follow(image_of(3))
    assert await showing.reached(3) is None
    assert seen == [("first", 0, 3, 0), ("second", 0, 3, 0)]
    assert showing.image.revision == 3


@pytest.mark.asyncio
async def test_who_comes_in_the_midst_of_a_transition_follows_it():
    """Else it would have begun with an image that is never followed to the next one."""
    showing, gate, seen = Showing(EMPTY), asyncio.Event(), []

    async def wait(transition):
        await gate.wait()

    async def follow(transition):
        seen.append((transition.before.revision, transition.after.revision))

    showing.subscribe(wait)
    showing.follow(image_of(3))
    await asyncio.sleep(0)
    begun_with = showing.image.revision
    showing.subscribe(follow)
    gate.set()
    await showing.reached(3)
    assert [before for before, _ in seen] == [begun_with]


@pytest.mark.asyncio
async def test_what_comes_meanwhile_is_one_transition():
    showing, seen, gate = Showing(EMPTY), [], asyncio.Event()

    async def follow(transition):
        seen.append((transition.before.revision, transition.after.revision))
        await gate.wait()

    showing.subscribe(follow)
    for revision in (1, 2, 5, 9):
        showing.follow(image_of(revision))
        await asyncio.sleep(0)
    waiting = showing.reached(2)
    assert not waiting.done()
    gate.set()
    await waiting
    assert seen == [(0, 1), (1, 9)]


@pytest.mark.asyncio
async def test_an_error_is_told_to_those_it_concerns_and_stops_nobody():
    showing, seen = Showing(EMPTY), []
    broken = ValueError("broken")

    async def fail(transition):
        if transition.after.revision == 4:
            raise broken

    async def follow(transition):
        seen.append(transition.after.revision)

    showing.subscribe(fail)
    showing.subscribe(follow)
    early = showing.reached(3)
    for revision in (2, 4, 6):
        showing.follow(image_of(revision))
        await showing.reached(revision)
    assert await early is broken
    assert [await showing.reached(revision) for revision in (1, 2, 3, 4, 5, 6)] == [
        None,
        None,
        broken,
        broken,
        None,
        None,
    ]
    assert seen == [2, 4, 6]


@pytest.mark.asyncio
async def test_errors_are_not_kept_for_ever():
    showing = Showing(EMPTY)

    async def fail(transition):
        raise ValueError(transition.after.revision)

    showing.subscribe(fail)
    for revision in range(1, STUMBLES_REMEMBERED + 2):
        showing.follow(image_of(revision))
        assert await showing.reached(revision) is not None
    assert await showing.reached(1) is None
    assert await showing.reached(2) is not None


@pytest.mark.asyncio
async def test_who_waits_when_it_closes_is_told():
    showing = Showing(EMPTY)
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    showing.subscribe(lambda transition: never)
    showing.follow(image_of(1))
    waiting = showing.reached(1)
    await asyncio.sleep(0)
    showing.close()
    assert isinstance(await waiting, GroupStopped)
    await asyncio.sleep(0)
    assert showing.image is EMPTY


@pytest.mark.asyncio
async def test_who_waits_may_go():
    showing = Showing(EMPTY)
    waiting = showing.reached(1)
    waiting.cancel()
    showing.follow(image_of(1))
    await showing.reached(1)
    assert showing.image.revision == 1
