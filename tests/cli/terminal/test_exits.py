"""How commands end: a line on standard error, and a code."""

from __future__ import annotations

import pytest

from cordwood.cli.terminal.exits import Exit, Outcomes, errors_told, fail, note, tell_error, warn
from cordwood.model.errors import LogClosed


def test_the_codes_are_what_people_were_told():
    assert {code.name: code.value for code in Exit} == {
        "OK": 0, "ERROR": 1, "USAGE": 2, "NOT_FOUND": 3, "AUTH": 4, "CONNECT": 5, "PARTIAL": 6, "UNHEALTHY": 10,
    }  # fmt: skip


def test_a_failure_is_told_on_standard_error(capsys):
    with pytest.raises(SystemExit) as raised:
        fail("there is no such thing", Exit.NOT_FOUND)
    assert raised.value.code == 3
    assert capsys.readouterr() == ("", "error: there is no such thing\n")


def test_words_on_standard_error(capsys):
    note("done")
    warn("not quite")
    tell_error("a message\n  of two lines")
    assert capsys.readouterr() == ("", "done\nwarning: not quite\nerror: a message of two lines\n")


def test_our_errors_become_a_line_and_others_stay(capsys):
    with pytest.raises(SystemExit) as raised, errors_told():
        raise LogClosed("here")
    assert raised.value.code == 1
    assert capsys.readouterr().err == "error: the log in here is closed\n"
    with pytest.raises(ZeroDivisionError), errors_told():
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("done", "failures", "code"),
    [
        (0, [], 0),
        (2, [], 0),
        (0, [Exit.NOT_FOUND], 3),
        (0, [Exit.NOT_FOUND, Exit.NOT_FOUND], 3),
        (0, [Exit.NOT_FOUND, Exit.AUTH], 1),
        (1, [Exit.NOT_FOUND], 6),
    ],
)
def test_several_outcomes_are_one_code(capsys, done, failures, code):
    outcomes = Outcomes()
    for _ in range(done):
        outcomes.done()
    for failure in failures:
        outcomes.failed("no", failure)
    assert outcomes.code == code
    assert capsys.readouterr().err == "error: no\n" * len(failures)
    if not code:
        outcomes.end()
        return
    with pytest.raises(SystemExit) as raised:
        outcomes.end()
    assert raised.value.code == code
