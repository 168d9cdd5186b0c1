"""`python -m cordwood.sim`: events on one stream, outcomes on the other, and a status that tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from cordwood.sim.__main__ import main
from tests.sim.quorum.mutants import acknowledgements_are_not_awaited


def call(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def test_a_run_prints_one_line_an_event():
    result = call("--seed", "1", "--fault-seconds", "1")
    assert result.exit_code == 0
    assert "start        machine=n1" in result.stdout
    assert "seed 1: every promise was kept" in result.stderr


def test_events_are_json_when_asked():
    result = call("--seed", "1", "--fault-seconds", "1", "--json")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events[0] == {"at_us": 1, "event": "start", "machine": "n1"}


def test_quiet_runs_tell_their_outcomes():
    result = call("--seed", "1", "--count", "2", "--fault-seconds", "1", "--quiet")
    assert not result.stdout
    assert result.stderr.count("every promise was kept") == 2


def test_a_broken_promise_is_the_exit_status():
    result = call("--seed", "3", "--quiet", "--set", "log.flush.policy=os")
    assert result.exit_code == 1
    assert "python -m cordwood.sim --seed 3" in result.stderr


def test_a_quorum_runs_instead():
    result = call("--seed", "1", "--quorum", "3", "--fault-seconds", "2")
    assert result.exit_code == 0
    assert "start        machine=n3" in result.stdout
    assert "seed 1: everything held" in result.stderr
    without = call("--seed", "1", "--quorum", "3", "--fault-seconds", "2", "--only", "none")
    assert " fault " not in without.stdout
    one = call("--seed", "1", "--quorum", "3", "--fault-seconds", "2", "--only", "1")
    assert one.stdout.count(" fault ") == 1


def test_a_quorum_that_breaks_something_tells_the_shortest_way(monkeypatch):
    acknowledgements_are_not_awaited(monkeypatch)
    result = call("--seed", "1", "--quorum", "3", "--fault-seconds", "2", "--quiet")
    assert result.exit_code == 1
    assert "python -m cordwood.sim --quorum 3 --seed 1 --only none" in result.stderr
    assert "acknowledged appends are durable" in result.stderr


def test_a_quorum_may_have_faults_of_some_kinds_alone():
    result = call("--seed", "2", "--quorum", "3", "--fault-seconds", "3", "--faults", "kill,set clock")
    kinds = {line.partition("kind=")[2] for line in result.stdout.splitlines() if " fault " in line}
    assert kinds
    assert kinds <= {"kill", "set clock"}
    assert "'fire' is none of kill, " in call("--seed", "2", "--quorum", "3", "--faults", "kill,fire").stderr


def test_only_wants_numbers():
    result = call("--seed", "1", "--quorum", "3", "--only", "one")
    assert result.exit_code == 2
    assert "'one' is no list of numbers" in result.stderr


@pytest.mark.parametrize("what", [[], ["--quorum", "3"]])
def test_another_process_runs_the_same_events(what):
    """Where the order of a set of strings got in, each process would tell another story."""
    command = [sys.executable, "-m", "cordwood.sim", "--seed", "5", "--fault-seconds", "4", *what]
    stories = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        stories.append(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert stories[0] == stories[1]
    assert len(stories[0].splitlines()) > 500
