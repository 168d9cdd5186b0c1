"""A session of bash."""

from __future__ import annotations

import pytest

from tests.scenarios.documents.shell import Shell


@pytest.fixture
def shell(tmp_path):
    with Shell(tmp_path, 12345) as running:
        yield running


def test_a_command_prints_on_either_stream(shell):
    assert shell.run("echo out; echo err >&2") == ["out", "err"]
    assert shell.run("printf unfinished") == ["unfinished"]
    assert shell.run("true") == []


def test_a_session_remembers(shell, tmp_path):
    shell.run("mkdir here && cd here && NAME='a  b'")
    assert shell.run('echo "$NAME $PWD"') == [f"a  b {tmp_path}/here"]


def test_an_exit_code_is_there_for_the_next_command(shell):
    shell.run("(exit 3)")
    assert shell.run("echo $?") == ["3"]
    assert shell.run("echo $?") == ["0"]


def test_nothing_waits_for_input(shell):
    assert shell.run("cat; echo done") == ["done"]


def test_the_port_is_that_of_documents(shell):
    assert shell.run("echo $CORDWOOD_BOOTSTRAP_SERVERS") == ["127.0.0.1:9092"]


def test_the_command_is_there(shell):
    assert shell.run("cordwood --version")[0].startswith("cordwood ")
