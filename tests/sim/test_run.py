"""Seeds of the whole: real nodes under faults keep their promises, and one that breaks them is found out.

CORDWOOD_SIM_SEEDS sets how many seeds are run (20), CORDWOOD_SIM_FIRST the first one (1).
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from cordwood.log.batch_log import BatchLog
from cordwood.metadata import snapshot
from cordwood.sim.content import Content
from cordwood.sim.names import Directory
from cordwood.sim.nemesis import Nemesis
from cordwood.sim.run import Outcome, Plan, run
from cordwood.sim.trace import Event

SEEDS = int(os.environ.get("CORDWOOD_SIM_SEEDS", "20"))
FIRST = int(os.environ.get("CORDWOOD_SIM_FIRST", "1"))

COVERED = (
    "start",
    "serves",
    "stop",
    "kill",
    "power off",
    "lost bytes",
    "pause",
    "cut",
    "isolate",
    "reset",
    "set clock",
    "resets",
    "retry",
    "retransmissions",
    "connects refused",
    "breaks",
    "compaction",
    "moved",
)
"""What must have happened somewhere in the seeds, or they test less than they seem to."""


def test_every_promise_is_kept_in_every_seed():
    counts: Counter[str] = Counter()
    for seed in range(FIRST, FIRST + SEEDS):
        outcome = run(seed)
        assert not outcome.violations, str(outcome)
        counts += outcome.counts
    assert not [name for name in COVERED if not counts[name]], counts


def test_several_machines_keep_them_too():
    outcome = run(1, Plan(machines=3, fault_seconds=6))
    assert not outcome.violations, str(outcome)
    assert outcome.counts["start"] >= 3


def events_of(seed: int) -> tuple[str, Outcome]:
    lines: list[str] = []

    def observe(event: Event) -> None:
        lines.append(event.as_json())

    outcome = run(seed, observe=observe)
    return "\n".join(lines), outcome


def test_the_same_seed_gives_the_same_trace():
    first, second = events_of(2), events_of(2)
    assert first == second
    assert len(first[0].splitlines()) > 1_000
    assert events_of(3)[0] != first[0]


def found_out(words: str, plan: Plan | None = None) -> Outcome:
    """The first of some seeds in which this is told. Which one it is changes with every change of the broker."""
    for seed in range(1, 13):
        outcome = run(seed, plan)
        if any(words in sentence for sentence in outcome.violations):
            return outcome
    pytest.fail(f"no seed has found: {words}")


def test_a_broker_that_acknowledges_too_early_is_found_out():
    outcome = found_out("lost: ", Plan(settings=(("log.flush.policy", "os"),)))
    assert f"--seed {outcome.seed}" in str(outcome)
    assert "power off    machine=n1" in str(outcome)


def test_deleted_records_that_come_back_are_found_out(monkeypatch):
    monkeypatch.setattr(BatchLog, "_store_meta", lambda log, meta: setattr(log, "_meta", meta))
    found_out("kept: start of diary of n1 is at 0, ")


@pytest.mark.parametrize("left_out", ["quotas", "configs"])
def test_what_snapshots_of_the_metadata_leave_out_is_found_out(monkeypatch, left_out):
    whole = snapshot._items

    def items(image):
        return (item for item in whole(image) if type(item).__struct_config__.tag != left_out)

    monkeypatch.setattr(snapshot, "_items", items)
    found_out({"quotas": "kept: quota of ", "configs": "kept: retention.ms of "}[left_out])


@pytest.mark.parametrize("durable", [Content, Directory])
def test_a_disk_that_lies_about_its_syncs_is_found_out(monkeypatch, durable):
    monkeypatch.setattr(durable, "sync", lambda self: None)
    assert all(run(seed, Plan(finish_seconds=2.0)).violations for seed in (1, 8))


def test_a_run_that_takes_too_long_is_a_violation():
    outcome = run(1, Plan(steps=500))
    assert "501 steps were taken" in outcome.violations[0]
    assert outcome.steps == 501


def test_clients_that_do_not_finish_are_a_violation():
    outcome = run(1, Plan(finish_seconds=0.0))
    assert outcome.violations == ["the run could not go on: TimeoutError('admin did not finish within 0.0 s')"]


def test_a_broker_that_never_comes_back_is_a_violation(monkeypatch):
    monkeypatch.setattr(Nemesis, "peace", lambda self: [machine.kill() for machine in self._machines if machine.is_up])
    outcome = run(1, Plan(fault_seconds=1, producers=1, groups=1))
    late = [sentence for sentence in outcome.violations if "did not finish within 60.0 s of peace" in sentence]
    assert [sentence.split()[0] for sentence in late] == [
        "admin-of-n1",
        "committed-reader-0-of-n1",
        "committed-reader-1-of-n1",
        "committer-0-of-n1",
        "mover-of-n1",
        "producer-0-of-n1",
        "reader-0-of-n1",
        "reader-1-of-n1",
        "transactor-0-of-n1",
        "transactor-1-of-n1",
    ]
