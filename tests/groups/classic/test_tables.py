"""Every command and every timer of the classic protocol has somebody who decides, and what happens is counted."""

from __future__ import annotations

import inspect

from cordwood.groups.classic import commands, draft
from cordwood.groups.classic.records import GroupRemoved
from cordwood.groups.classic.tables import DECISIONS, EXPIRIES, counted
from tests.groups.classic.shell import Shell, leave, stable


def test_every_command_is_decided():
    own = {kind for _, kind in inspect.getmembers(commands, inspect.isclass) if kind.__module__ == commands.__name__}
    assert set(DECISIONS) == {kind for kind in own if "group" in getattr(kind, "__struct_fields__", ())}


def test_every_timer_has_a_consequence():
    assert set(EXPIRIES) == {draft.SESSION, draft.JOIN, draft.SYNC}


def test_rebalances_and_removals_are_counted():
    shell = Shell()
    names = stable(shell, 4)
    shell.told(leave(names[0], names[1]))
    shell.advance(10_000)
    counts: dict[str, int] = {}
    for name, number in filter(None, map(counted, shell.records)):
        counts[name] = counts.get(name, 0) + number
    assert counts == {"rebalances": 1, "left": 2, "expired": 2}
    assert counted(GroupRemoved("g")) is None
