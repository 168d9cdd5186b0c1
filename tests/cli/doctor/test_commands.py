"""`cordwood doctor` against a broker: its table, its JSON, its errors, its exit codes."""

from __future__ import annotations

import json
import re

import pytest

from cordwood.cli.doctor.evidence import Broker, Dialing, Outcome, Told
from cordwood.node.addresses import HostPort
from cordwood.testing import Server
from tests.cli.running import run, run_json

SASL = ["-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.username=a"]


def test_the_table(server: Server) -> None:
    done = run(server, "doctor")
    assert (done.exit_code, done.stderr) == (0, "")
    place = server.bootstrap_servers
    said = [
        re.sub(r"  +", "  ", re.sub(r" [0-9.]+  +[0-9.]+  answered", " #  #  answered", line))
        for line in done.stdout.splitlines()
    ]
    assert said == [
        f"Cluster: {server.node.image.cluster_id}",
        "Verdict: healthy",
        "",
        "WHO  ADDRESS  RESOLVES TO  CONNECT MS  ANSWER MS  OUTCOME  VERDICT",
        f"bootstrap  {place}  127.0.0.1  #  #  answered  ok",
        f"broker 1  {place}  127.0.0.1  #  #  answered  ok",
        "",
        "LEVEL  ABOUT  FINDING  WHAT TO DO",
        (
            f"note  broker 1 at {place}  it is advertised at a loopback address: only clients on this machine reach it  "
            "for clients elsewhere, advertise an address that they reach (advertised.listeners)"
        ),
    ]


def test_the_json(server: Server) -> None:
    value = run_json(server, "doctor")
    assert (value["verdict"], value["cluster_id"]) == ("healthy", server.node.image.cluster_id)
    assert [(row["role"], row["node_id"], row["outcome"], row["verdict"]) for row in value["addresses"]] == [
        ("bootstrap", None, "answered", "ok"),
        ("broker", 1, "answered", "ok"),
    ]
    assert [finding["code"] for finding in value["findings"]] == ["loopback-only"]


def test_one_of_two_servers_is_not_there(server: Server) -> None:
    done = run(None, "doctor", "-b", f"127.0.0.1:1,PLAINTEXT://{server.bootstrap_servers}", "-o", "json")
    assert (done.exit_code, done.stderr) == (10, "")
    value = json.loads(done.stdout)
    assert value["verdict"] == "unhealthy"
    assert [finding["code"] for finding in value["findings"]] == ["refused", "loopback-only"]


def test_nobody_answers() -> None:
    done = run(None, "doctor", "-b", "127.0.0.1:1")
    assert done.exit_code == 5
    assert done.stderr == "error: nobody at 127.0.0.1:1 tells about a cluster: see what to do above\n"
    assert "check that the broker runs" in done.stdout


@pytest.mark.parametrize(
    ("servers", "words"), [("a:b", "has no port"), (":9092", "names no host"), ("a/b:1", "characters that no host has")]
)
def test_servers_that_are_none(servers: str, words: str) -> None:
    done = run(None, "doctor", "-b", servers)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr


def test_files_of_tls_that_are_not_there(server: Server) -> None:
    done = run(server, "doctor", "-X", "security.protocol=SSL", "-X", "ssl.ca.location=/no/such/file")
    assert done.exit_code == 2
    assert "the files for TLS cannot be used" in done.stderr


def test_a_server_without_a_port_has_kafkas(monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[HostPort] = []

    def dial(place: HostPort, *rest: object) -> Dialing:
        places.append(place)
        return Dialing(place, Outcome.ANSWERED, told=Told("c", 1, (Broker(1, place),)))

    monkeypatch.setattr("cordwood.cli.doctor.examination.dial", dial)
    assert run(None, "doctor", "-b", "kafka.example.org, [2001:db8::1],").exit_code == 0
    assert sorted(map(str, set(places))) == ["[2001:db8::1]:9092", "kafka.example.org:9092"]


def test_with_a_name_librdkafka_asks(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    properties = {"bootstrap.servers": server.bootstrap_servers, "error_cb": lambda error: None}
    monkeypatch.setattr("cordwood.cli.client.connecting.client_properties", lambda *rest: properties)
    done = run(server, "doctor", *SASL, "-X", "sasl.password=b", "-o", "json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert [row["node_id"] for row in json.loads(done.stdout)["addresses"]] == [None, 1]


def test_a_name_that_is_not_taken(server: Server) -> None:
    done = run(server, "doctor", *SASL, "-X", "sasl.password=b", "--timeout", "3")
    assert done.exit_code == 4
    warning, error = done.stderr.splitlines()
    assert warning.startswith("warning: the brokers cannot be asked for: ")
    assert error == f"error: {server.bootstrap_servers} does not let us in: see what to do above"
