"""How commands end: a line on standard error, and a code."""

from __future__ import annotations

import pytest

from cordwood.cli.outcome import DAMAGE, NOT_FOUND, USAGE, errors_told, fail, plain
from cordwood.model.errors import LogClosed


def test_a_failure_is_told_on_standard_error(capsys):
    with pytest.raises(SystemExit) as raised:
        fail("there is no such thing", NOT_FOUND)
    assert raised.value.code == 3
    assert capsys.readouterr() == ("", "error: there is no such thing\n")


def test_our_errors_become_a_line_and_others_stay(capsys):
    with pytest.raises(SystemExit) as raised, errors_told():
        raise LogClosed("here")
    assert raised.value.code == DAMAGE == 1
    assert capsys.readouterr().err == "error: the log in here is closed\n"
    with pytest.raises(ZeroDivisionError), errors_told():
        raise ZeroDivisionError


def test_paths_lose_the_slash_that_shells_add():
    assert [plain(path) for path in ("data/", "data", "/", "a/b//")] == ["data", "data", "/", "a/b"]
    assert USAGE == 2
