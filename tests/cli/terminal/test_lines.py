"""Answers that are written while they come."""

from __future__ import annotations

import json

import click
import pytest
import yaml
from click.testing import CliRunner

from cordwood.cli.terminal.lines import (
    WRITE_CHARACTERS,
    Form,
    form_option,
    say_document,
    say_elements,
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
    wanted = [json.loads(value) for value in values]
    say_elements(Form.JSON, iter(values))
    assert json.loads(capsys.readouterr().out) == wanted
    say_elements(Form.YAML, iter(values))
    assert yaml.safe_load(capsys.readouterr().out) == wanted


def test_documents(capsys):
    say_document(Form.JSON, {"a": [1], "b": b"\xff"})
    assert capsys.readouterr().out == '{"a":[1],"b":"/w=="}\n'
    say_document(Form.YAML, {"a": [1], "b": b"\xff"})
    assert capsys.readouterr().out == "a:\n- 1\nb: /w==\n"


def test_forms_have_names():
    assert [form.value for form in Form] == ["text", "json", "jsonl", "yaml"]
    assert [form for form in Form if form.is_document] == [Form.JSON, Form.YAML]


@click.command()
@form_option
def say(form):
    """Says the form."""
    click.echo(form.value)


def test_the_option():
    answers = {form: CliRunner().invoke(say, ["-o", form]).output for form in ("text", "table", "json", "yaml")}
    assert answers == {"text": "text\n", "table": "text\n", "json": "json\n", "yaml": "yaml\n"}
    assert CliRunner().invoke(say, []).output == "text\n"
    assert CliRunner().invoke(say, ["-o", "xml"]).exit_code == 2
