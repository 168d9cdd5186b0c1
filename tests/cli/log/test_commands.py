"""`cordwood log`: its answers, where they go, and its exit codes.

`python -m tests.cli.log.test_commands` writes the golden outputs anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
import yaml
from click.testing import CliRunner

from cordwood.cli.main import main
from cordwood.env.disk import LocalDisk
from cordwood.log.config import LogConfig
from cordwood.log.log import Log
from cordwood.testing import Server
from tests.broker.handlers.messages import produce
from tests.log.kit import batch, produced
from tests.raw_client import RawClient
from tests.testing.test_server import make_topic

GOLDEN: Final = Path(__file__).parents[2] / "golden"
OUTPUTS: Final = {
    "dump.txt": ["dump", "log", "--records"],
    "dump.jsonl": ["dump", "log", "--records", "-o", "jsonl"],
    "verify.txt": ["verify", "log"],
    "verify.jsonl": ["verify", "log", "-o", "jsonl"],
    "stats.txt": ["stats", "log"],
    "stats.json": ["stats", "log", "-o", "json"],
}
CONFIG: Final = LogConfig(flush_policy="os", segment_bytes=1000, index_interval_bytes=200)


def run(*arguments):
    return CliRunner().invoke(main, ["log", *map(str, arguments)])


@pytest.fixture
def orders(tmp_path):
    """A closed log of several segments in a data directory."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "LOCK").touch()
    with Log.open(str(data / "orders-0"), CONFIG, lock=False) as log:
        for number in range(20):
            log.append_batch(batch(3, start=3 * number), number // 10)
        for number in range(10):
            log.append_batch(produced(7, 0, number * 2, 2), 1)
    return data / "orders-0"


def stores(directory):
    return sorted(directory.glob("*.log"))


def contents(directory):
    """The files that count."""
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.suffix != ".deleted"}


def damage(path, position=150):
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", sorted(OUTPUTS))
def test_the_golden_output(name, monkeypatch):
    monkeypatch.chdir(GOLDEN)
    done = run(*OUTPUTS[name])
    assert done.exit_code == 0, done.stderr
    assert done.stdout == (GOLDEN / "tools" / name).read_text("utf-8")
    assert done.stderr == ""


# dump


def test_a_dump_of_one_file(orders):
    done = run("dump", stores(orders)[1], "--count", 2)
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 3


def test_a_dump_as_one_document(orders):
    done = run("dump", orders, "--start", 30, "--end", 36, "-o", "json")
    rows = json.loads(done.stdout)
    assert [row["base_offset"] for row in rows if row["type"] == "batch"] == [30, 33]
    assert all("path" in row for row in rows)


@pytest.mark.parametrize("command", [("dump", "--records"), ("verify",), ("stats",), ("repair", "--dry-run")])
def test_the_same_as_yaml(orders, command):
    name, *flags = command
    answers = [run(name, orders, *flags, "-o", form) for form in ("json", "yaml")]
    assert [done.exit_code for done in answers] == [0, 0]
    assert yaml.safe_load(answers[1].stdout) == json.loads(answers[0].stdout)


def test_a_dump_of_nothing_is_still_a_document(orders):
    rows = json.loads(run("dump", stores(orders)[0], "--start", 1000, "-o", "json").stdout)
    assert [row["type"] for row in rows] == ["file"]


def test_a_dump_that_met_damage(orders):
    damage(stores(orders)[0])
    done = run("dump", orders)
    assert done.exit_code == 1
    assert "DAMAGED" in done.stdout


@pytest.mark.parametrize("command", ["dump", "verify", "repair", "stats"])
def test_what_is_not_there(tmp_path, command):
    done = run(command, tmp_path / "none")
    assert done.exit_code == 3
    assert done.stdout == ""
    assert "there is no" in done.stderr
    done = run(command, tmp_path)
    assert done.exit_code == 3
    assert "there is no log" in done.stderr


def test_wrong_usage(orders):
    readme = orders / "readme"
    readme.touch()
    assert run("dump", readme).exit_code == 2
    assert run("verify", stores(orders)[0]).exit_code == 2
    assert run("verify").exit_code == 2
    assert run("verify", orders, "-o", "xml").exit_code == 2
    assert run("dump", orders, "--start", "-1").exit_code == 2


def test_an_answer_may_be_cut_short(orders):
    """As by `head`."""
    command = f"{sys.executable} -m cordwood log dump {orders} --records | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr


# verify


def test_a_clean_data_directory(orders):
    done = run("verify", orders.parent)
    assert done.exit_code == 0
    assert ": clean; offsets 0 to 80, " in done.stdout


def test_damage_is_told_with_its_place(orders):
    damage(stores(orders)[1])
    done = run("verify", f"{orders}/", "--records", "--index-interval-bytes", 200)
    assert done.exit_code == 1
    assert f"DAMAGE crc {stores(orders)[1]} at byte 118: the CRC does not match" in done.stdout


def test_damage_as_one_document(orders):
    damage(stores(orders)[1])
    (orders.parent / ".cordwood_clean").write_bytes(b"")
    document = json.loads(run("verify", orders.parent, "-o", "json").stdout)
    assert document["damage"] == 2
    assert [finding["code"] for finding in document["findings"]] == ["clean-marker"]
    of_log = [finding["code"] for finding in document["logs"][0]["findings"] if finding["level"] == "damage"]
    assert of_log == ["crc"]


def test_damage_on_lines(orders):
    damage(stores(orders)[1])
    done = run("verify", orders.parent, "-o", "jsonl")
    *findings, summary = map(json.loads, done.stdout.splitlines())
    [finding] = [finding for finding in findings if finding["level"] == "damage"]
    assert (finding["type"], finding["code"], finding["position"]) == ("finding", "crc", 118)
    assert (summary["type"], summary["damage"], summary["batches"]) == ("log", 1, 29)


def test_several_logs_are_summed_up(orders):
    with Log.open(str(orders.parent / "orders-1"), CONFIG, lock=False) as log:
        log.append(b"x")
    damage(stores(orders)[1])
    done = run("verify", orders.parent)
    assert done.stdout.splitlines()[-1] == "2 logs, 1 of them damaged"


def test_files_of_somebody_else(orders):
    """What can be read can be verified: files are opened for reading only."""
    for path in orders.iterdir():
        path.chmod(0o444)
    orders.chmod(0o555)
    try:
        assert run("verify", orders).exit_code == 0
        assert run("stats", orders).exit_code == 0
    finally:
        orders.chmod(0o755)


def test_a_file_that_cannot_be_read_is_told(orders):
    store = stores(orders)[0]
    store.unlink()
    store.mkdir()
    done = run("verify", orders)
    assert done.exit_code == 1
    assert "Is a directory" in done.stderr or "descriptor" in done.stderr


# repair


def test_a_cut_is_told_and_made_only_with_leave(orders):
    damage(stores(orders)[1])
    before = contents(orders)
    done = run("repair", orders)
    assert done.exit_code == 1
    assert "would CUT" in done.stdout
    assert "offsets 27..79 are lost" in done.stdout
    assert "valid batches" in done.stdout
    assert "nothing was cut: add --yes to do it" in done.stdout
    assert contents(orders) == before
    done = run("repair", orders, "--yes")
    assert done.exit_code == 0
    assert "repaired; the log holds offsets 0 to 27" in done.stdout
    assert run("verify", orders).exit_code == 0
    with Log.open(str(orders), CONFIG, lock=False) as log:
        assert [record.offset for record in log.read()] == list(range(27))


def test_a_dry_run_says_what_would_be_done(orders):
    (orders / "leader-epochs").unlink()
    done = run("repair", orders, "--dry-run")
    assert done.exit_code == 1
    assert "would rebuild" in done.stdout
    assert not (orders / "leader-epochs").exists()
    done = run("repair", orders)
    assert done.exit_code == 0
    assert "  would" not in done.stdout
    assert (orders / "leader-epochs").exists()


def test_nothing_to_repair(orders):
    done = run("repair", orders.parent)
    assert done.exit_code == 0
    assert done.stdout == f"{orders}: nothing to repair\n"


def test_a_damaged_marker_is_removed(orders):
    marker = orders.parent / ".cordwood_clean"
    marker.write_bytes(b"")
    assert "remove" in run("repair", orders.parent).stdout
    assert not marker.exists()


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_repair_for_programs(orders, form):
    damage(stores(orders)[1])
    done = run("repair", orders.parent, "--yes", "-o", form)
    value = json.loads(done.stdout)
    value = value[0] if form == "json" else value
    assert (value["damage_before"], value["damage_after"], value["end_offset"]) == (1, 0, 27)
    assert value["plans"][0]["cut"]["offset"] == 27


def test_an_owned_directory_is_left_alone(orders):
    lock = LocalDisk().lock(str(orders.parent))
    try:
        for path in (orders, orders.parent):
            done = run("repair", path, "--yes")
            assert done.exit_code == 1
            assert f"process {os.getpid()}" in done.stderr, "the owner is named"
        assert run("verify", orders).exit_code == 0
    finally:
        lock.release()


# Progress.


def told_on_a_terminal(*arguments, stdout=subprocess.DEVNULL):
    """What a command writes to standard error when that is a terminal; with `stdout` of None, which is one too, both."""
    terminal, end = os.openpty()
    command = [sys.executable, "-m", "cordwood", "log", *map(str, arguments)]
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(command, stdout=end if stdout is None else stdout, stderr=end, env=environment) as process:
        os.close(end)
        told = b""
        with os.fdopen(terminal, "rb", buffering=0) as file, suppress(OSError):  # EIO: nobody has the other end.
            while data := file.read(1 << 16):
                told += data
    assert process.returncode == 0
    return told.decode()


@pytest.mark.parametrize(("command", "word"), [("dump", "dumping"), ("verify", "verifying"), ("stats", "counting")])
def test_a_terminal_gets_a_bar(orders, command, word):
    assert word in told_on_a_terminal(command, orders)


def test_rows_on_the_terminal_need_no_bar(orders):
    told = told_on_a_terminal("dump", orders, stdout=None)
    assert "dumping" not in told
    assert "offset 0..2, 3 records" in told
    assert "dumping" not in told_on_a_terminal("dump", orders, "--count", 1)


# A broker that runs.


def test_beside_a_broker_that_writes(tmp_path):
    data = str(tmp_path / "data")
    with (
        Server(data, settings={"log.segment.bytes": "20000", "flush.policy": "os"}) as server,
        RawClient(server.port) as client,
    ):
        make_topic(client, "t")
        produce(client, "t", [b"the first"])
        is_over = threading.Event()
        writer = threading.Thread(target=_write, args=(server.port, is_over))
        writer.start()
        try:
            outcomes = [run(command, data) for _ in range(4) for command in ("verify", "dump", "stats")]
        finally:
            is_over.set()
            writer.join()
        assert [(done.exit_code, done.stderr) for done in outcomes] == [(0, "")] * len(outcomes), outcomes[-1].stdout
        done = run("repair", data)
        assert done.exit_code == 1
        assert "is owned by process" in done.stderr
        assert run("verify", data, "--records").exit_code == 0
    assert run("verify", data, "--records").exit_code == 0
    assert run("repair", data).exit_code == 0


def _write(port, is_over):
    with RawClient(port) as client:
        while not is_over.is_set():
            produce(client, "t", [b"x" * 300] * 10)


def write_golden() -> None:
    """Writes the outputs of today."""
    os.chdir(GOLDEN)
    for name, arguments in OUTPUTS.items():
        (GOLDEN / "tools" / name).write_text(run(*arguments).stdout, "utf-8")


if __name__ == "__main__":
    write_golden()
