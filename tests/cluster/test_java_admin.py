"""Kafka's own admin client describes and changes the quorum, whichever broker it asks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.harness.clients import DRIVERS, JAVA
from tests.clients.tools.process import need
from tests.cluster.nodes import ClusterOf, Node

pytestmark = [pytest.mark.clients, pytest.mark.timeout(240)]

WITHIN_S = 60.0
FOLDER = DRIVERS / "java"
PROGRAM = Path(__file__).with_name("QuorumAdmin.java")
NOBODYS = "AAAAAAAAAAAAAAAAAAAAAQ"


@pytest.fixture
def three(tmp_path: Path) -> Iterator[ClusterOf]:
    need("Kafka's admin client", "java", built_in=FOLDER)
    with ClusterOf(3, tmp_path) as cluster:
        yield cluster


def ask(node: Node, *arguments: str) -> str:
    """What the admin client says that a broker was asked to."""
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"
    command = [*JAVA, quiet, "-cp", f"{FOLDER}/target/jars-4.3.0/*", str(PROGRAM), node.address, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=True)
    return done.stdout.strip()


def test_the_quorum_in_the_eyes_of_kafkas_client(three: ClusterOf) -> None:
    leader = three.leader()
    directories = {voter["node"]: voter["directory_id"] for voter in three.status()["voters"]}
    follower = next(node for node in three.nodes.values() if node is not leader)
    voters = " ".join(f"{number}/{directory}" for number, directory in directories.items())
    nodes = " ".join(f"{number}@[PLAINTEXT://{node.address}]" for number, node in three.nodes.items())
    for node in (leader, follower):
        assert ask(node, "describe") == f"leader {leader.number} voters {voters} observers nodes {nodes}"

    fourth = three.settle(4)
    assert ask(follower, "add", "4", "AAAAAAAAAAAAAAAAAAAAAA", str(fourth.port)) == "done"
    fourth.ready()
    assert ask(follower, "add", "4", "AAAAAAAAAAAAAAAAAAAAAA", str(fourth.port)).startswith("DuplicateVoterException")
    assert ask(follower, "remove", "4", NOBODYS).startswith("VoterNotFoundException")
    assert ask(follower, "remove", "4", three.status()["voters"][3]["directory_id"]) == "done"
    assert (three.voters(), three.observers()) == ([1, 2, 3], [4])
    assert ask(follower, "unregister", "4") == "done"
    assert ask(follower, "unregister", "4").startswith("BrokerIdNotRegisteredException")
    assert three.observers() == []
