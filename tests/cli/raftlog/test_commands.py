"""`cordwood raftlog`: its answers, where they go, and its exit codes.

`python -m tests.cli.raftlog.test_commands` writes the golden outputs that are missing.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Final

import pytest
import yaml
from click.testing import CliRunner

from cordwood.cli.main import main
from cordwood.raftlog.codecs import PLAIN
from cordwood.raftlog.raft_log import RaftLog

GOLDEN: Final = Path(__file__).parents[2] / "golden"
CHUNKS: Final = GOLDEN / "raftlog"
OUTPUTS: Final = {
    "raftlog-dump.jsonl": ["dump", "raft", "-o", "jsonl"],
    "raftlog-verify.txt": ["verify", "raft"],
    "raftlog-verify.jsonl": ["verify", "raft", "-o", "jsonl"],
}
LAST: Final = "r-00_000_000_000_000_000_518.wal"


def run(*arguments):
    return CliRunner().invoke(main, ["raftlog", *map(str, arguments)])


@pytest.fixture
def raft(tmp_path, monkeypatch):
    """A copy of the golden chunks."""
    copy_chunks(tmp_path / "raft")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "raft"


def copy_chunks(folder):
    folder.mkdir()
    for path in CHUNKS.glob("*.wal"):
        shutil.copy(path, folder)


@pytest.mark.parametrize("name", sorted(OUTPUTS))
def test_the_golden_output(name, raft):
    done = run(*OUTPUTS[name])
    assert done.exit_code == 0, done.stderr
    assert done.stdout == (GOLDEN / "tools" / name).read_text("utf-8")


def test_the_text_of_a_dump_is_the_library_s_own(raft):
    done = run("dump", f"{raft}/")
    assert done.exit_code == 0
    assert done.stdout == (CHUNKS / "dump.txt").read_text("utf-8")


def test_one_document_or_a_value_on_each_line(raft):
    lines = [json.loads(line) for line in run("dump", raft, "-o", "jsonl").stdout.splitlines()]
    assert json.loads(run("dump", raft, "-o", "json").stdout) == lines
    assert yaml.safe_load(run("dump", raft, "-o", "yaml").stdout) == lines
    report = json.loads(run("verify", raft, "-o", "json").stdout)
    assert yaml.safe_load(run("verify", raft, "-o", "yaml").stdout) == report
    assert (report["records"], report["damage"], report["findings"]) == (19, 0, [])


def test_an_unfinished_end_is_no_damage(raft):
    os.truncate(raft / LAST, 230)
    done = run("dump", raft)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1].startswith("Error: unfinished at 000_000_152: ")
    assert json.loads(run("dump", raft, "-o", "jsonl").stdout.splitlines()[-1])["type"] == "unfinished"
    done = run("verify", raft)
    assert done.exit_code == 0
    assert f"note unfinished raft/{LAST} at byte 152" in run("verify", "raft").stdout
    assert (raft / LAST).stat().st_size == 230, "nothing is cut"


def test_damage_is_told_and_has_its_code(raft):
    data = bytearray((raft / LAST).read_bytes())
    data[100] ^= 1
    (raft / LAST).write_bytes(data)
    done = run("dump", raft)
    assert done.exit_code == 1
    assert "Error: damaged at 000_000_" in done.stdout
    assert json.loads(run("dump", raft, "-o", "jsonl").stdout.splitlines()[-1])["type"] == "damage"
    done = run("verify", raft)
    assert done.exit_code == 1
    assert "DAMAGED, 1 finding;" in done.stdout
    assert f"DAMAGE record {raft}/{LAST} at byte " in done.stdout
    lines = [json.loads(line) for line in run("verify", raft, "-o", "jsonl").stdout.splitlines()]
    assert [line["type"] for line in lines] == ["finding", "raftlog"]
    assert lines[1]["damage"] == 1


@pytest.mark.parametrize("command", ["dump", "verify"])
def test_a_directory_that_is_in_use_is_left_alone(tmp_path, command):
    log = RaftLog.open(str(tmp_path), PLAIN)
    log.save_vote((1, 1))
    log.sync()
    done = run(command, tmp_path)
    assert done.exit_code == 1
    assert f"is owned by process {os.getpid()}" in done.stderr
    log.close()
    assert run(command, tmp_path).exit_code == 0
    RaftLog.open(str(tmp_path), PLAIN).close()


@pytest.mark.parametrize("command", ["dump", "verify"])
def test_what_is_not_there_is_told(tmp_path, command):
    for path, code in ((tmp_path / "nothing", 3), (tmp_path, 3), (tmp_path / "file", 2)):
        (tmp_path / "file").write_text("x")
        done = run(command, path)
        assert done.exit_code == code
        assert done.stderr.startswith("error: ")
    assert not (tmp_path / "LOCK").exists(), "nothing was made where there is no raft log"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        copy_chunks(Path(folder) / "raft")
        os.chdir(folder)
        for name, arguments in OUTPUTS.items():
            if not (GOLDEN / "tools" / name).exists():
                (GOLDEN / "tools" / name).write_text(run(*arguments).stdout, "utf-8")
