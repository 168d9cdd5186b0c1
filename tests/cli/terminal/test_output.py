"""The forms of answers: tables, JSON, JSON lines, YAML."""

from __future__ import annotations

import json
import sys

import click
import pytest
import yaml
from click.testing import CliRunner

from cordwood.cli.terminal.output import Column, Fields, Output, Table, cell_text, output_option, show, show_rows
from tests.cli.terminal.screen import Screen

ROWS = [
    {"name": "orders", "partitions": 12, "replicas": [1, 2], "internal": False, "rate": 1.5},
    {"name": "a", "partitions": 3, "replicas": [], "internal": True, "rate": None},
]
COLUMNS = [
    Column("NAME", "name"),
    Column("PARTITIONS", "partitions"),
    Column("REPLICAS", "replicas"),
    Column("INTERNAL", "internal", lambda value: "red" if value else None),
    Column("RATE", lambda row: row["rate"]),
]
TEXT = """\
NAME    PARTITIONS  REPLICAS  INTERNAL  RATE
orders          12  1,2       no         1.5
a                3  -         yes          -
"""


def test_a_table(capsys):
    show_rows(Output.TABLE, ROWS, COLUMNS)
    assert capsys.readouterr() == (TEXT, "")


def test_one_document(capsys):
    show_rows(Output.JSON, ROWS, COLUMNS)
    said = capsys.readouterr().out
    assert json.loads(said) == ROWS
    assert said.startswith('[\n  {\n    "name": "orders",\n')


def test_an_object_a_line(capsys):
    show_rows(Output.JSONL, ROWS, COLUMNS)
    first, second = capsys.readouterr().out.splitlines()
    assert first == '{"name":"orders","partitions":12,"replicas":[1,2],"internal":false,"rate":1.5}'
    assert json.loads(second) == ROWS[1]


def test_yaml(capsys):
    show_rows(Output.YAML, ROWS, COLUMNS)
    said = capsys.readouterr().out
    assert yaml.safe_load(said) == ROWS
    assert said.startswith("- name: orders\n  partitions: 12\n")


def test_nothing_is_a_table_with_headings_and_an_empty_document(capsys):
    show_rows(Output.TABLE, [], COLUMNS)
    assert capsys.readouterr().out == "NAME  PARTITIONS  REPLICAS  INTERNAL  RATE\n"
    show_rows(Output.JSON, [], COLUMNS)
    assert capsys.readouterr().out == "[]\n"
    show_rows(Output.JSONL, [], COLUMNS)
    assert capsys.readouterr().out == ""
    show_rows(Output.YAML, [], COLUMNS)
    assert capsys.readouterr().out == "[]\n"


def sections():
    return [
        Fields({"Name": "orders", "Partitions": 2}),
        Table([{"n": 1}], [Column("N", "n")], "numbers"),
        Table([], COLUMNS, "is not shown"),
    ]


def test_sections_are_for_people(capsys):
    show(Output.TABLE, {"name": "orders"}, sections)
    assert capsys.readouterr().out == "Name:       orders\nPartitions: 2\n\nnumbers\nN\n1\n"


@pytest.mark.parametrize("output", [Output.JSON, Output.YAML, Output.JSONL])
def test_values_are_for_programs(capsys, output):
    show(output, {"name": "orders"}, sections)
    assert yaml.safe_load(capsys.readouterr().out) == {"name": "orders"}


def test_a_terminal_gets_the_same_words(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "80")
    show_rows(Output.TABLE, ROWS, COLUMNS)
    assert [line.rstrip() for line in screen.getvalue().splitlines()] == TEXT.splitlines()
    show(Output.TABLE, {}, sections)
    assert "Name:       orders\n" in screen.getvalue()


def test_a_terminal_gets_colours_unless_it_wants_none(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    for variable, is_coloured in (("COLUMNS", True), ("NO_COLOR", False)):
        screen = Screen()
        monkeypatch.setattr(sys, "stdout", screen)
        monkeypatch.setenv(variable, "80")
        show_rows(Output.TABLE, ROWS, COLUMNS)
        assert ("\x1b[31m" in screen.getvalue()) is is_coloured


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (True, "yes"), (False, "no"), (1.25, "1.25"), (2.0, "2"), ([1, None], "1,-"), ((), "-"), ("", "")],
)
def test_cells(value, text):
    assert cell_text(value) == text


@click.command()
@output_option
def say(output):
    """Says the form."""
    click.echo(repr(output))


def test_the_option():
    assert CliRunner().invoke(say, []).output == "<Output.TABLE: 'table'>\n"
    assert CliRunner().invoke(say, ["-o", "jsonl"]).output == "<Output.JSONL: 'jsonl'>\n"
    assert CliRunner().invoke(say, ["--output", "xml"]).exit_code == 2
