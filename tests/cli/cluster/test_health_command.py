"""`cordwood cluster health`: its table, its JSON, its exit codes."""

from __future__ import annotations

import json

import pytest

from cordwood.cli.cluster.sight import Sight
from cordwood.testing import Server
from tests.cli.cluster.sights import BROKEN, WELL
from tests.cli.running import run, run_json


def test_the_table(server: Server) -> None:
    done = run(server, "cluster", "health")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"Cluster:             {server.node.image.cluster_id}",
        "Verdict:             healthy",
        "Controller:          1",
        "Brokers:             1",
        "Topics:              0",
        "Partitions:          0",
        "Unreachable brokers: 0",
        "Leaderless:          0",
        "Under replicated:    0",
        "Under min isr:       0",
    ]


def test_the_json(server: Server) -> None:
    assert run_json(server, "cluster", "health") == {
        "verdict": "healthy",
        "cluster_id": server.node.image.cluster_id,
        "controller": 1,
        "brokers": 1,
        "unreachable_brokers": [],
        "topics": 0,
        "partitions": 0,
        "leaderless": [],
        "under_replicated": [],
        "under_min_isr": [],
        "findings": [],
    }


@pytest.fixture
def sights(monkeypatch: pytest.MonkeyPatch) -> list[Sight]:
    """What is seen, one time after the other."""
    coming: list[Sight] = []
    monkeypatch.setattr("cordwood.cli.cluster.health_command._seen", lambda kafka: coming.pop(0))
    monkeypatch.setattr("cordwood.cli.cluster.health_command._wait", lambda seconds: None)
    return coming


def test_a_cluster_that_is_not_well(server: Server, sights: list[Sight]) -> None:
    sights += [BROKEN, BROKEN]
    done = run(server, "cluster", "health", "-o", "json")
    assert (done.exit_code, done.stderr) == (10, "")
    value = json.loads(done.stdout)
    assert (value["verdict"], value["unreachable_brokers"]) == ("unhealthy", [3])
    assert value["leaderless"] == [{"topic": "orders", "partition": 0}]
    assert len(value["under_replicated"]) == 3
    assert len(value["findings"]) == 5
    table = run(server, "cluster", "health")
    assert table.exit_code == 10
    assert "problem  broker 4    it holds a replica and is not in the cluster" in table.stdout


def test_it_is_looked_again_until_all_is_well(server: Server, sights: list[Sight]) -> None:
    sights += [BROKEN, BROKEN, WELL]
    done = run(server, "cluster", "health", "--wait", "60")
    assert (done.exit_code, sights) == (0, [])


def test_nobody_answers() -> None:
    done = run(None, "cluster", "health", "-b", "127.0.0.1:1")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.startswith("error: nobody answers at 127.0.0.1:1: ")
