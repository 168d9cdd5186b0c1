"""Every script in this folder prints what is recorded in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.raft.environment import RaftEnvironment
from tests.scenarios.script import check, parse

FOLDER = Path(__file__).parent
SCRIPTS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_prints_what_is_recorded(script, rewrite):
    check(script, RaftEnvironment(), rewrite=rewrite)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_says_what_it_shows(script):
    steps, _ = parse(script.read_text("utf-8"))
    assert steps[0].before[0].startswith("# ")


def test_every_command_is_explained():
    listed = (FOLDER / "README.md").read_text("utf-8")
    commands = [name.removeprefix("do_") for name in dir(RaftEnvironment) if name.startswith("do_")]
    assert [name for name in commands if f"| `{name} " not in listed and f"| `{name}`" not in listed] == []
