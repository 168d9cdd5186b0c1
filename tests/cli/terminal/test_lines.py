"""Answers that are written while they come."""

from __future__ import annotations

import json

import click
import pytest

from cordwood.cli.terminal.lines import (
    WRITE_CHARACTERS,
    Form,
    say_array,
    say_encoded,
    say_json,
    say_lines,
)


def test_lines(capsys):
    say_lines(["a", "b"])
    say_json({"c": b"\xff"})
    say_encoded([b'{"d":1}'])
    assert capsys.readouterr() == ('a\nb\n{"c":"/w=="}\n{"d":1}\n', "")


def test_many_lines_are_written_together(monkeypatch):
    written = []
    monkeypatch.setattr(click, "echo", written.append)
    line = "x" * (WRITE_CHARACTERS // 4)
    say_lines([line] * 6)
    assert written == ["\n".join([line] * 4), "\n".join([line] * 2)]


def test_what_came_before_an_error_is_written(capsys):
    def lines():
        yield "a"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        say_lines(lines())
    assert capsys.readouterr().out == "a\n"


@pytest.mark.parametrize("values", [[], [b"1"], [b"1", b'{"a":2}']])
def test_arrays_are_documents(capsys, values):
    say_array(iter(values))
    assert json.loads(capsys.readouterr().out) == [json.loads(value) for value in values]


def test_forms_have_names():
    assert [form.value for form in Form] == ["text", "json", "jsonl"]
