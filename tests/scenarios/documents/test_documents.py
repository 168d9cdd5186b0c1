"""What documents show happens: sessions against a broker process, and programs. `--rewrite` writes down what happens."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from tests.cli.broker_process import BrokerProcess
from tests.scenarios.documents.console import blocks, play, results
from tests.scenarios.documents.shell import DEADLINE_SECONDS, Shell

ROOT: Final = Path(__file__).parents[3]
README: Final = ROOT / "README.md"
PAGES: Final = [README, *sorted((ROOT / "docs" / "howto").glob("*.md"))]
SESSIONS: Final = [page for page in PAGES if list(blocks(page.read_text("utf-8"), "console"))]
PROGRAMS: Final = [
    pytest.param(program, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, program in enumerate(blocks(page.read_text("utf-8"), "python"))
]


def free_port():
    """One with four digits, as that of the documents: tables are as wide then."""
    for port in range(5000 + os.getpid() % 1000, 9000):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                tried.bind(("127.0.0.1", port))
                return port
    raise AssertionError("no port is free")


@pytest.mark.parametrize("page", SESSIONS, ids=lambda page: page.stem)
def test_a_session_is_what_happens(page, tmp_path, rewrite):
    text = page.read_text("utf-8")
    directory = tmp_path / "here"
    directory.mkdir()
    port = free_port()
    settings = ["--listen", f"127.0.0.1:{port}", "--set", "group.initial.rebalance.delay.ms=0"]
    with BrokerProcess(tmp_path / "data", *settings, limit_seconds=DEADLINE_SECONDS) as broker:
        assert broker.port() == port
        with Shell(directory, port) as shell:
            played = play(text, shell.run)
        broker.process.terminate()
        assert broker.wait() == 0
    if rewrite:
        page.write_text(played, "utf-8")
    assert played == page.read_text("utf-8"), (
        f"{page.name} is not what happens; look, then write it down with --rewrite"
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_prints_what_it_says(program, tmp_path):
    path = tmp_path / "test_it.py"
    path.write_text(program)
    is_test = "def test_" in program
    command = [sys.executable, *(["-m", "pytest", "-q", "-p", "no:cacheprovider"] if is_test else []), str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if is_test:
        assert " passed" in done.stdout
    else:
        assert done.stdout.splitlines() == results(program)


def test_the_two_commands_of_the_readme():
    """What `make` runs, without running it."""
    text = README.read_text("utf-8")
    for target, command in [("serve", "cordwood serve --data ./data"), ("test", "python -m pytest")]:
        assert f"make {target}" in text
        planned = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True)
        assert command in planned.stdout


def test_the_figures_of_the_readme_are_those_of_the_benchmarks():
    benchmarks = set(re.findall(r"[\d,]+", (ROOT / "docs" / "BENCHMARKS.md").read_text("utf-8")))
    table = README.read_text("utf-8").partition("| | Cordwood | Kafka |\n")[2].partition("\n\n")[0]
    figures = re.findall(r"\| ([\d,]+) (?=\|)", table)
    assert len(figures) >= 10
    assert [figure for figure in figures if figure not in benchmarks] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing, f"{page.name} links to {missing}"
