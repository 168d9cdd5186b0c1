"""`python -m cordwood.sim`: events on one stream, outcomes on the other, and a status that tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from click.testing import CliRunner

from cordwood.sim.__main__ import main


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


def test_another_process_runs_the_same_events():
    """Where the order of a set of strings got in, each process would tell another story."""
    command = [sys.executable, "-m", "cordwood.sim", "--seed", "5", "--fault-seconds", "4"]
    stories = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        stories.append(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert stories[0] == stories[1]
    assert len(stories[0].splitlines()) > 500
