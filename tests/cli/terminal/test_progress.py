"""The progress bar."""

from __future__ import annotations

import sys

import pytest

from cordwood.cli.terminal.progress import Unit, progress
from tests.cli.terminal.screen import Screen


def test_without_a_terminal_there_is_no_bar(capsys):
    with progress("working", 100) as advance:
        advance(100)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("unit", "shown"), [(Unit.BYTES, "3.0/3.0 kB"), (Unit.RECORDS, "3000/3000")])
def test_a_bar_for_a_terminal(monkeypatch, capsys, unit, shown):
    terminal = Screen()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress("working", 3000, unit) as advance:
        for _ in range(3):
            advance(1000)
    assert "working" in terminal.getvalue()
    assert shown in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_nothing_is_shown_where_nobody_wants_it(monkeypatch):
    terminal = Screen()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress("working", 100, is_wanted=False) as advance:
        advance(100)
    assert terminal.getvalue() == ""
