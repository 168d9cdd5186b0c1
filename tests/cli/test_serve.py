"""`cordwood serve`: its words, its files, its signals and its exit codes."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Coroutine
from pathlib import Path

import pytest
import uvloop
from click.testing import CliRunner

from cordwood.cli.main import main
from cordwood.cli.serve import SWITCH_INTERVAL_S
from cordwood.wire.messages.api_versions import ApiVersionsRequest
from tests.broker.handlers.messages import fetch, fetch_request, produce, values_of
from tests.cli.broker_process import BrokerProcess
from tests.raw_client import RawClient
from tests.testing.test_server import make_topic

FREE = ("--listen", "127.0.0.1:0")


def test_it_says_when_it_is_ready_and_where(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    with BrokerProcess(tmp_path / "data", *FREE, "--ready-file", str(ready)) as broker:
        port = broker.port()
        with RawClient(port) as client:
            assert client.ask(ApiVersionsRequest(), 3).error_code == 0
            assert ready.read_text() == f"127.0.0.1:{port}\n"
        broker.signal(signal.SIGTERM)
        assert broker.wait() == 0


def test_no_thread_keeps_the_interpreter_for_long(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    intervals: list[float] = []

    def run(broker: Coroutine[None, None, int]) -> int:
        intervals.append(sys.getswitchinterval())
        broker.close()
        return 0

    monkeypatch.setattr(uvloop, "run", run)
    before, thresholds = sys.getswitchinterval(), gc.get_threshold()
    try:
        assert CliRunner().invoke(main, ["serve", "--data", str(tmp_path)]).exit_code == 0
    finally:
        sys.setswitchinterval(before)
        gc.set_threshold(*thresholds)
    assert intervals == [pytest.approx(SWITCH_INTERVAL_S)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains(tmp_path: Path, number: signal.Signals) -> None:
    with BrokerProcess(tmp_path, *FREE) as broker, RawClient(broker.port()) as client:
        make_topic(client, "t")
        client.send(fetch_request("t", 0, max_wait_ms=300_000), 12)
        client.send(ApiVersionsRequest(), 3)
        broker.signal(number)
        assert client.receive().responses[0].partitions[0].error_code == 0, "the waiting fetch is answered"
        assert client.receive().error_code == 0
        assert client.closed_by_peer()
        assert broker.wait() == 0


@pytest.mark.parametrize("policy", ["commit", "interval", "os"])
def test_a_killed_process_loses_nothing(tmp_path: Path, policy: str) -> None:
    count = 0
    for _ in range(3):
        with BrokerProcess(tmp_path, *FREE, "--set", f"flush.policy={policy}") as broker:
            with RawClient(broker.port()) as client:
                make_topic(client, "t")
                for _ in range(10):
                    assert produce(client, "t", [b"%d" % count]).base_offset == count
                    count += 1
            broker.signal(signal.SIGKILL)
            broker.wait()
    with BrokerProcess(tmp_path, *FREE) as broker, RawClient(broker.port()) as client:
        found = fetch(client, "t", 0)
        assert values_of(found.records) == [b"%d" % number for number in range(count)]


def test_every_wrong_setting_is_told_with_its_place(tmp_path: Path) -> None:
    config = tmp_path / "broker.toml"
    config.write_text('"num.partitions" = "many"\n"no.such.setting" = 1\n')
    environment = {"CORDWOOD_LOG_SEGMENT_BYTES": "-5"}
    with BrokerProcess(
        tmp_path / "data", "--config", str(config), "--set", "flush.policy=never", environment=environment
    ) as broker:
        assert broker.wait() == 2
        said = "".join(broker.said)
    assert "num.partitions" in said
    assert "no.such.setting" in said
    assert f"{config}:1" in said
    assert "CORDWOOD_LOG_SEGMENT_BYTES" in said
    assert "flush.policy" in said


def test_settings_of_all_sources_act(tmp_path: Path) -> None:
    config = tmp_path / "broker.toml"
    config.write_text('"num.partitions" = 4\n')
    with BrokerProcess(
        tmp_path / "data", *FREE, "--config", str(config), environment={"KAFKA_NUM_PARTITIONS": "3"}
    ) as broker:
        with RawClient(broker.port()) as client:
            make_topic(client, "t")
            assert produce(client, "t", [b"x"], partition=2).error_code == 0
            assert produce(client, "t", [b"x"], partition=3).error_code == 3, "the environment wins over the file"


def test_a_taken_port_and_a_taken_directory(tmp_path: Path) -> None:
    with BrokerProcess(tmp_path / "one", *FREE) as broker:
        port = broker.port()
        with BrokerProcess(tmp_path / "two", "--listen", f"127.0.0.1:{port}") as other:
            assert other.wait() == 1
            assert "in use" in "".join(other.said)
        with BrokerProcess(tmp_path / "one", *FREE) as other:
            assert other.wait() == 1
            assert f"process {broker.process.pid}" in "".join(other.said), "the error names the owner"


def test_the_http_listener(tmp_path: Path) -> None:
    with BrokerProcess(tmp_path, *FREE, "--http", "127.0.0.1:0") as broker:
        url = broker.until(r"(http://127\.0\.0\.1:\d+)")[1]
        broker.port()
        for path, words in (("/livez", "ok"), ("/readyz", "ok"), ("/metrics", "kafka_brokers 1.0")):
            with urllib.request.urlopen(url + path, timeout=10) as answer:
                assert words in answer.read().decode()
        broker.signal(signal.SIGTERM)
        assert broker.wait() == 0


def test_the_http_libraries_are_loaded_only_for_it() -> None:
    code = "import sys, cordwood.cli.serve; print([m for m in ('uvicorn', 'starlette', 'rich', 'zstandard') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
