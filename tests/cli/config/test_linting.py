"""`cordwood config lint`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cordwood.cli.main import main
from tests.cli.running import run

GOOD = "'num.partitions' = 3\n"
IDLE = "'num.network.threads' = 3\n"
BAD = "# ours\n'num.partitions' = 'many'\n'num.partition' = 3\n"


@pytest.fixture
def lint(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("good.toml", GOOD), ("idle.toml", IDLE), ("bad.toml", BAD)):
        (tmp_path / name).write_text(text)
    (tmp_path / "latin.toml").write_bytes(b"a = '\xff'")
    return lambda *arguments: run(None, "config", "lint", *arguments)


def test_a_clean_file(lint):
    done = lint("good.toml")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "nothing to say\n")
    assert lint("good.toml", "-o", "json").stdout == "[]\n"


def test_the_table(lint):
    done = lint("bad.toml")
    assert (done.exit_code, done.stderr) == (1, "2 errors\n")
    heading, first, second = done.stdout.splitlines()
    assert heading == "PLACE       SEVERITY  FINDING"
    assert first.startswith("bad.toml:2  error     num.partitions = 'many': wants a whole number")
    assert second == ("bad.toml:3  error     num.partition: there is no such setting (did you mean num.partitions?)")


def test_the_fields(lint):
    rows = json.loads(lint("bad.toml", "-o", "json").stdout)
    assert rows[1] == {
        "path": "bad.toml",
        "line": 3,
        "severity": "error",
        "name": "num.partition",
        "message": "num.partition: there is no such setting",
        "suggestion": "did you mean num.partitions?",
    }


def test_warnings_fail_where_that_is_wanted(lint):
    done = lint("idle.toml", "good.toml")
    assert (done.exit_code, done.stderr) == (0, "1 warning\n")
    assert "idle.toml:1  warning   num.network.threads has no effect" in done.stdout
    assert lint("idle.toml", "--strict").exit_code == 1
    assert lint("good.toml", "--strict").exit_code == 0


def test_files_that_cannot_be_read(lint):
    done = lint("none.toml")
    assert (done.exit_code, done.stderr) == (3, "error: there is no none.toml\nnothing to say\n")
    assert lint("latin.toml").exit_code == 1
    assert lint(".").exit_code == 1
    assert lint("none.toml", "good.toml").exit_code == 6
    assert lint("none.toml", "bad.toml").exit_code == 1
    assert lint().exit_code == 2


def test_standard_input():
    done = CliRunner().invoke(main, ["config", "lint", "-"], input="num.partitions=0\n")
    assert done.exit_code == 1
    assert "-:1    error     num.partitions" in done.stdout
