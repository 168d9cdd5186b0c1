"""A read goes on until the group has answered it."""

from __future__ import annotations

import asyncio

import pytest

from cordwood.controller.patience import Patience
from cordwood.controller.reading import Reading
from cordwood.model.consensus_errors import GroupStopped, NotTaken


class Driver:
    """Answers reads with what it was given."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def read_index(self):
        future = asyncio.get_running_loop().create_future()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
        return future


@pytest.mark.asyncio
async def test_it_asks_again_until_it_is_answered():
    driver = Driver(NotTaken("no leader"), NotTaken("another leader"), 7)
    patience = Patience(asyncio.get_running_loop())
    await Reading(driver, patience).confirm()
    assert not driver.answers
    assert "another leader" in patience.trouble


@pytest.mark.asyncio
async def test_it_ends_when_nobody_waits():
    driver = Driver(NotTaken("no leader"), 7)
    await Reading(driver, Patience(asyncio.get_running_loop())).confirm(lambda: len(driver.answers) < 2)
    assert driver.answers == [7]


@pytest.mark.asyncio
async def test_a_group_that_has_stopped_is_told():
    with pytest.raises(GroupStopped):
        await Reading(Driver(GroupStopped("closed")), Patience(asyncio.get_running_loop())).confirm()
