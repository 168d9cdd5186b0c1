"""Options that many commands have, and the question before something is lost."""

from __future__ import annotations

import io
import sys

import pytest

from cordwood.cli.terminal.arguments import confirm, plain
from tests.cli.terminal.screen import Screen


def test_paths_lose_the_slash_that_shells_add():
    assert [plain(path) for path in ("data/", "data", "/", "a/b//")] == ["data", "data", "/", "a/b"]


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_whoever_does_not_agree_ends_it(monkeypatch, capsys, answer):
    monkeypatch.setattr(sys, "stdin", Screen(answer))
    with pytest.raises(SystemExit) as raised:
        confirm("delete it?", yes=False)
    assert raised.value.code == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("delete it? [y/N]: ")
    assert said.err.endswith("nothing was done\n")


def test_agreement_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", Screen("y\n"))
    confirm("delete it?", yes=False)
    assert capsys.readouterr().err == "delete it? [y/N]: "


def test_nothing_is_asked_where_nobody_can_answer_or_has_answered(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    confirm("delete it?", yes=False)
    monkeypatch.setattr(sys, "stdin", Screen("n\n"))
    confirm("delete it?", yes=True)
    assert capsys.readouterr() == ("", "")
