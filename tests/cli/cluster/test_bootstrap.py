"""`cordwood cluster bootstrap`: what it says, where, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cordwood.cli.main import main
from cordwood.env.disk import LocalDisk

CLUSTER = "MkU3OEVBNTcwNTJENDM2Qk"
VOTERS = "1@127.0.0.1:9092,2@127.0.0.1:9093"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def bootstrap(*arguments: str, cluster: str = CLUSTER, voters: str = VOTERS) -> Result:
    sets = [f"--set=cluster.id={cluster}", f"--set=controller.quorum.voters={voters}"]
    return CliRunner().invoke(main, ["cluster", "bootstrap", *sets, *arguments])


def test_a_member_is_founded(data: Path) -> None:
    done = bootstrap("--data", str(data))
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == {
        "cluster_id": CLUSTER,
        "node_id": 1,
        "directory": f"{data}/__cluster_metadata",
        "voters": VOTERS.split(","),
        "founded": True,
    }
    assert f"node 1 of cluster {CLUSTER} is founded in {data}" in done.stderr


def test_settings_come_from_wherever_those_of_serve_do(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = data.parent / "node.toml"
    file.write_text(f"node.id = 2\nlog.dirs = '{data}'\n")
    monkeypatch.setenv("CORDWOOD_LISTENERS", "127.0.0.1:9093")
    done = bootstrap("--config", str(file))
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["node_id"] == 2


def test_a_second_time_is_refused_and_passed_over_if_needed(data: Path) -> None:
    assert bootstrap("--data", str(data)).exit_code == 0
    again = bootstrap("--data", str(data))
    assert (again.exit_code, again.stdout) == (1, "")
    assert "already" in again.stderr
    passed = bootstrap("--data", str(data), "--if-needed")
    assert passed.exit_code == 0
    assert json.loads(passed.stdout)["founded"] is False
    assert "left as it is" in passed.stderr
    other = bootstrap("--data", str(data), "--if-needed", cluster="other")
    assert (other.exit_code, other.stdout) == (1, "")
    assert f"cluster {CLUSTER}, not of node 1 of other" in other.stderr


def test_all_mistakes_are_told_at_once(data: Path) -> None:
    done = bootstrap("--data", str(data), "--listen", "127.0.0.1:1", cluster="", voters=VOTERS)
    assert (done.exit_code, done.stdout) == (2, "")
    assert [line.partition(": ")[2].partition(":")[0] for line in done.stderr.splitlines()] == [
        "controller.quorum.voters",
        "cluster.id",
    ]
    done = bootstrap("--data", str(data), "--set", "fetch.max.bytes=none", voters="1@a,x")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 3
    assert not data.exists()


def test_a_directory_in_use_or_with_a_past_is_refused(data: Path) -> None:
    (data / "orders-0").mkdir(parents=True)
    done = bootstrap("--data", str(data))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "holds logs already (orders-0)" in done.stderr
    lock = LocalDisk().lock(str(data))
    done = bootstrap("--data", str(data))
    lock.release()
    assert (done.exit_code, done.stdout) == (1, "")
    assert "is owned by" in done.stderr


def test_a_directory_that_cannot_be_made(data: Path) -> None:
    data.write_text("a file")
    done = bootstrap("--data", str(data))
    assert (done.exit_code, done.stdout) == (1, "")
    assert str(data) in done.stderr


def test_what_has_no_effect_is_said(data: Path) -> None:
    done = bootstrap("--data", str(data), "--set", "client.quota.callback.class=x")
    assert done.exit_code == 0
    assert "warning: without effect in Cordwood: client.quota.callback.class" in done.stderr


def test_ids_are_new_and_good_for_a_cluster(data: Path) -> None:
    first, second = (CliRunner().invoke(main, ["cluster", "new-id"]).stdout.strip() for _ in range(2))
    assert first != second
    assert bootstrap("--data", str(data), cluster=first).exit_code == 0
