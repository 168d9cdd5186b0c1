"""etcd, for comparison: so many nodes on loopback, and puts by its own Go client.

Lives here: its processes and its load program. etcd comes from Debian (`bench/setup`); each of its puts goes through gRPC,
which our callers, who sit beside the leader, do without: `bench.consensus` says so beside the figures.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from bench import places
from bench.generator import BenchError
from bench.subjects.base import free_port

SOURCES: Final = Path(__file__).parent / "etcd_load"
BINARY: Final = places.BINARIES / "etcd_load"
START_SECONDS: Final = 20.0
VALUE_BYTES: Final = 100


def missing() -> str | None:
    """Why etcd cannot be compared with here; None when it can."""
    if shutil.which("etcd") is None:
        return "etcd is not installed (Debian: etcd-server)"
    if shutil.which("go") is None:
        return "go is not installed, and etcd's client is a Go module"
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    built = subprocess.run(
        ["go", "build", "-o", str(BINARY), "."], cwd=SOURCES, capture_output=True, text=True, check=False
    )
    return f"etcd's client does not build: {built.stderr.strip()}" if built.returncode else None


def version() -> str:
    """Of the server."""
    said = subprocess.run(["etcd", "--version"], capture_output=True, text=True, check=True).stdout
    return said.splitlines()[0].removeprefix("etcd Version: ")


def puts(folder: str, size: int, callers: int, seconds: float) -> dict[str, float]:
    """Puts a second and their latency in microseconds, of a new cluster. Raises BenchError."""
    with _cluster(folder, size) as endpoints:
        command = [str(BINARY), ",".join(endpoints), str(callers), str(max(1, round(seconds))), str(VALUE_BYTES)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60 + 3 * seconds, check=False)
        if ended.returncode:
            raise BenchError(f"puts to etcd failed: {ended.stderr.strip()}")
        found = json.loads(ended.stdout)
        return {"per_s": found["puts_per_s"], "p50_us": found["p50_us"], "p99_us": found["p99_us"]}


@contextmanager
def _cluster(folder: str, size: int) -> Iterator[list[str]]:
    clients = [f"http://127.0.0.1:{free_port()}" for _ in range(size)]
    peers = [f"http://127.0.0.1:{free_port()}" for _ in range(size)]
    members = ",".join(f"n{number}={peer}" for number, peer in enumerate(peers))
    with ExitStack() as stack:
        log = stack.enter_context(Path(folder, "etcd.txt").open("ab"))
        for number, (client, peer) in enumerate(zip(clients, peers, strict=True)):
            process = subprocess.Popen(
                [
                    *("etcd", "--name", f"n{number}", "--data-dir", f"{folder}/n{number}"),
                    *("--listen-client-urls", client, "--advertise-client-urls", client),
                    *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
                    *("--initial-cluster", members, "--initial-cluster-state", "new", "--log-level", "error"),
                ],
                stdout=log,
                stderr=log,
            )
            stack.callback(_end, process)
        _await_leader(folder, clients)
        yield clients


def _await_leader(folder: str, clients: list[str]) -> None:
    """A put of one caller goes through as soon as there is a leader."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        command = [str(BINARY), ",".join(clients), "1", "0", "1"]
        try:
            if subprocess.run(command, capture_output=True, timeout=START_SECONDS, check=False).returncode == 0:
                return
        except subprocess.TimeoutExpired:
            break
        time.sleep(0.1)
    raise BenchError(f"etcd has no leader after {START_SECONDS:.0f} s: see {folder}/etcd.txt")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(START_SECONDS)
