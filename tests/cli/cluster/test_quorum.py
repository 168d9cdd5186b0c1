"""`cordwood cluster status`, `add`, `remove`, `transfer-leader` against a broker, and their exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cordwood.cli.main import main
from cordwood.testing import Server
from cordwood.wire.messages.metadata import MetadataRequest, MetadataResponse, MetadataResponseBroker
from cordwood.wire.messages.remove_raft_voter import RemoveRaftVoterRequest, RemoveRaftVoterResponse
from cordwood.wire.messages.transfer_leadership import TransferLeadershipResponse
from cordwood.wire.messages.unregister_broker import UnregisterBrokerRequest, UnregisterBrokerResponse
from tests.cli.scripted_broker import ScriptedBroker


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def cluster(command: str, *arguments: str, at: str) -> Result:
    return CliRunner().invoke(main, ["cluster", command, "--bootstrap-server", at, *arguments])


def test_the_status_of_one_broker(server: Server) -> None:
    done = cluster("status", at=server.bootstrap_servers)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == [f"Cluster:   {server.node.image.cluster_id}", "Leader:    1"]
    value = json.loads(cluster("status", "-o", "json", at=server.bootstrap_servers).stdout)
    assert (value["leader"], [voter["node"] for voter in value["voters"]], value["observers"]) == (1, [1], [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "1@127.0.0.1:9"], "DUPLICATE_VOTER"),
        (["add", "2@127.0.0.1:9", "--change-timeout", "0.2"], "REQUEST_TIMED_OUT"),
        (["remove", "1"], "last voter"),
        (["remove", "9"], "VOTER_NOT_FOUND"),
        (["remove", "9", "--unregister"], "BROKER_ID_NOT_REGISTERED"),
        (["transfer-leader", "9"], "VOTER_NOT_FOUND"),
    ],
)
def test_what_the_cluster_refuses(server: Server, arguments: list[str], words: str) -> None:
    done = cluster(*arguments, at=server.bootstrap_servers)
    assert (done.exit_code, done.stdout) == (1, "")
    assert words in done.stderr


def test_what_is_done_is_said(server: Server) -> None:
    done = cluster("transfer-leader", "1", at=server.bootstrap_servers)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "node 1 leads now\n")


@pytest.mark.parametrize("command", [["status"], ["remove", "1"], ["transfer-leader", "1"], ["add", "2@a:1"]])
def test_nobody_can_be_asked(command: list[str]) -> None:
    done = cluster(*command, "--timeout", "0.5", at="127.0.0.1:1")
    assert (done.exit_code, done.stdout) == (5, "")
    assert "could not be reached" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["status", "--bootstrap-server", "nonsense"], "has no port"),
        (["status", "--bootstrap-server", "a:1,:9092"], "no host and port"),
        (["status", "-o", "text"], "is not one of"),
        (["add", "--bootstrap-server", "a:1", "4"], "wants NODE@HOST:PORT"),
        (["add", "--bootstrap-server", "a:1", "4@a:1", "--directory-id", "short"], "no directory id"),
        (["remove", "--bootstrap-server", "a:1", "four"], "not a valid integer"),
        (["transfer-leader", "--bootstrap-server", "a:1", "--change-timeout", "0", "1"], "not in the range"),
    ],
)
def test_wrong_usage(arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(main, ["cluster", *arguments])
    assert done.exit_code == 2
    assert words in done.stderr


def test_an_answer_that_is_lost_is_not_taken_for_a_refusal() -> None:
    def script(request: object) -> object:
        if isinstance(request, MetadataRequest):
            return MetadataResponse(brokers=[], cluster_id="c", controller_id=1)
        return None

    with ScriptedBroker(script) as broker:
        done = cluster("transfer-leader", "2", at=str(broker.place))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "whether it was done" in done.stderr


def test_who_is_gone_loses_its_vote_and_its_place() -> None:
    def script(request: object) -> object:
        if isinstance(request, MetadataRequest):
            place = MetadataResponseBroker(node_id=1, host=broker.place.host, port=broker.place.port)
            return MetadataResponse(brokers=[place], cluster_id="c", controller_id=1)
        if isinstance(request, RemoveRaftVoterRequest):
            return RemoveRaftVoterResponse()
        return (
            UnregisterBrokerResponse() if isinstance(request, UnregisterBrokerRequest) else TransferLeadershipResponse()
        )

    with ScriptedBroker(script) as broker:
        done = cluster("remove", "3", "--unregister", "--directory-id", "_____________________w", at=str(broker.place))
        asked: list[Any] = [one for one in broker.asked if not isinstance(one, MetadataRequest)]
    removed, unregistered = asked
    assert done.exit_code == 0, done.stderr
    assert (removed.voter_id, bytes(removed.voter_directory_id)) == (3, b"\xff" * 16)
    assert unregistered.broker_id == 3
    assert "do not start it again" in done.stderr
