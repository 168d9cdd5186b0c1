"""Sections of the page are made of what the programs print."""

from __future__ import annotations

import json
from pathlib import Path

from bench.sections import section

MACHINE = {"CPU": "one", "load before": "0.10"}


def write(path: Path, *values: object) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def test_the_opening_of_logs(tmp_path: Path) -> None:
    partitions = {"partitions": 1000.0, "first_ms": 180.4, "create_ms": 9.0, "clean_ms": 1936.2, "killed_ms": 861.9}
    log = {
        "clean_open_ms": 38.6,
        "clean_first_read_ms": 5.84,
        "segments": 19.0,
        "bytes": 20.3e9,
        "killed_open_ms": 17.1,
        "killed_first_read_ms": 2.8,
    }
    lines = list(section(write(tmp_path / "x", {"machine": MACHINE, "partitions": partitions, "log": log})))
    assert lines[0].startswith("## Opening a log\n")
    assert "| CPU | one |" in lines
    assert "| a broker with 1,000 partitions | 1,936 ms | 862 ms |" in lines
    assert "| a log of 20 GB in 19 segments | 39 ms | 17 ms |" in lines
    assert "| its first read | 5.8 ms | 2.8 ms |" in lines


def test_the_command_line(tmp_path: Path) -> None:
    row = {"first_ms": 101.4, "end_ms": 120.0, "cpu_ms": 99.6, "worst_ms": 1234.0}
    run = {"machine": MACHINE, "runs": 21, "commands": {"topic list": row}}
    lines = list(section(write(tmp_path / "x", run)))
    assert lines[0].startswith("## The command line\n")
    assert "medians of 21 runs" in lines[0]
    assert "| `cordwood topic list` | 101 ms | 1,234 ms | 120 ms | 100 ms |" in lines


def test_compaction(tmp_path: Path) -> None:
    names = ["updates", "keys", "updates_per_s", "seconds", "mb_per_s", "records_per_s", "stall_ms", "stall_p99_ms"]
    names += ["plain_ms", "machine_ms", "memory_mb", "bound_mb"]
    row = {"work": "topic lz4", **{name: 1000.0 + number for number, name in enumerate(names)}}
    other = {"work": "map: the offset map", "ns_per_key": 1.0}
    path = write(tmp_path / "x", {"machine": MACHINE, "flush policy": "commit"}, row, other)
    lines = list(section(path))
    assert lines[0].startswith("## Compaction\n")
    assert "| flush policy | commit |" in lines
    figures = "1,000 | 1,001 | 1,002 | 1003 | 1004 | 1,005 | 1006.0 ms | 1007.0 ms | 1008.0 ms | 1009.0 ms"
    assert [line for line in lines if line.startswith("| lz4")] == [f"| lz4 | {figures} | 1010 MB | 1011 MB |"]
    assert not [line for line in lines if line.startswith("| map")]


def test_the_raft_log(tmp_path: Path) -> None:
    row = {"writers": 8.0, "probe": 1000.4, "tasks": 7000.0, "tasks_times": 7.04, "tasks_syncs": 900.0}
    row |= {"threads": 5000.0, "threads_times": 5.0, "threads_syncs": 800.0, "written": 60000.0}
    opened = {"records": 1e6, "seconds": 4.04, "cpu_s": 3.9, "chunks": 2.0, "bytes": 132e6, "read_us": 41.7}
    run = {"machine": MACHINE, "raftlog": [row], "calls": {"1": 6.51, "100": 1.2}, "opening": opened}
    lines = list(section(write(tmp_path / "x", run)))
    assert lines[0].startswith("## The raft log\n")
    assert "| CPU | one |" in lines
    assert "| 8 | 1,000 | 7,000 (7.0x) | 900 | 5,000 (5.0x) | 800 | 60,000 |" in lines
    assert "An append without a flush takes, for each entry: 6.5 µs in calls of 1, 1.2 µs in calls of 100." in lines
    assert lines[-2].startswith("A log of 1,000,000 entries (132 MB in 2 chunks) opens in 4.0 s, 3.9 s of them CPU; ")


def test_groups(tmp_path: Path) -> None:
    rows = [
        {"measure": "commits", "subject": subject, "policy": "os", "setting": {"consumers": 64}, "rounds": 1}
        | {"values": {"messages_per_s": rate}}
        for subject, rate in (("cordwood", 18000.0), ("kafka", 9000.0))
    ]
    path = tmp_path / "x"
    run = {"machine": MACHINE, "quick": True, "rows": rows, "missing": {}, "failures": ["groups: late"]}
    path.write_text(json.dumps(run, indent=1))
    lines = list(section(path))
    assert "python -m bench --quick --only groups" in lines[0]
    assert lines[0].startswith("## Consumer groups\n")
    assert "| CPU | one |" in lines
    assert "| cordwood | os | 64 | 18,000 (2.00x) |" in lines
    assert "- failed: groups: late" in lines


def test_exactly_once(tmp_path: Path) -> None:
    rows = [
        {"measure": measure, "subject": "cordwood", "policy": "os", "setting": {"producers": 1}, "rounds": 1}
        | {"values": {"messages_per_s": 600.0}}
        for measure in ("transactions", "pipeline")
    ]
    path = tmp_path / "x"
    path.write_text(
        json.dumps({"machine": MACHINE, "quick": False, "rows": rows, "missing": {}, "failures": []}, indent=1)
    )
    lines = list(section(path))
    assert lines[0].startswith("## Exactly once: transactions, pipeline\n")
    assert "`python -m bench --only transactions --only pipeline --subjects cordwood:os`" in lines[0]
    assert "### pipeline" in lines


def test_consensus(tmp_path: Path) -> None:
    row = {"subject": "etcd", "nodes": 3, "callers": 64, "probe": 5960.0, "per_s": 8375.0, "times": 1.4}
    run = {
        "machine": MACHINE,
        "etcd": "3.4.23",
        "consensus": [{**row, "p50_us": 7184.0, "p99_us": 17073.0}],
        "restart": {"entries": 1_000_002, "opened_s": 3.42, "applied_s": 10.28},
    }
    path = tmp_path / "x"
    path.write_text(json.dumps(run))
    lines = list(section(path))
    assert lines[0].startswith("## Consensus, and etcd\n")
    assert "`etcd 3.4.23`" in lines[0]
    assert "| 3 | 64 | etcd | 5,960 | 8,375 (1.4x) | 7,184 | 17,073 |" in lines
    assert any(line.endswith("opened it after 3.4 s and applied all of it after 10.3 s.") for line in lines)


def test_many_partitions(tmp_path: Path) -> None:
    values = {"idle_bytes": 1700.4, "open_files": 0.0, "stop_s": 0.24}
    row = {"subject": "cordwood", "policy": "os", "measure": "partitions", "values": values, "rounds": 1}
    row["setting"] = {"partitions": 10_000, "state": "untouched"}
    run = {"machine": MACHINE, "quick": False, "rows": [row], "missing": {}, "failures": []}
    path = tmp_path / "x"
    path.write_text(json.dumps(run, indent=1))
    lines = list(section(path))
    assert lines[0].startswith("## Many partitions\n")
    assert "`python -m bench --only partitions --subjects cordwood:os`" in lines[0]
    assert "| cordwood | os | 10000 | untouched | 1,700 | 0 | 0.2 |" in lines
