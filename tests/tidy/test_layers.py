"""The layer contract in .importlinter is complete for the packages that exist, and fails when it is broken."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.tidy.tree import ROOT, packages, report

CONTRACT: Final = ROOT / ".importlinter"
CORES: Final = {"model", "records", "wire", "groups", "txns", "partition", "metadata", "raft", "telemetry"}

# Packages that can be lifted out and used alone, with all that they may import of ours.
ALONE: Final = {
    "log": {"env", "model", "records"},
    "raftlog": {"env", "model"},
    "raft": set[str](),
}


def read_contract(text: str) -> dict[str, set[str]]:
    """The lists of the contract: "contract.key" -> names without "cordwood."."""
    parser = configparser.ConfigParser()
    parser.read_string(text)
    lists = {}
    for section in parser.sections():
        for key, value in parser[section].items():
            name = f"{section.rpartition(':')[2]}.{key}"
            lists[name] = {line.strip().removeprefix("cordwood.") for line in value.splitlines() if line.strip()}
    return lists


def gaps(lists: dict[str, set[str]], existing: set[str]) -> list[str]:
    """What the contract leaves open for the packages that exist."""
    found = [f"cores: add cordwood.{core}" for core in sorted(CORES & existing - lists["cores.source_modules"])]
    for package in sorted(set(ALONE) & existing):
        others = existing - ALONE[package] - {package}
        missing = others - lists.get(f"{package}.forbidden_modules", set())
        found += [f"{package}: forbid cordwood.{other}" for other in sorted(missing)]
    return found


def test_the_contract_is_complete():
    findings = gaps(read_contract(CONTRACT.read_text("utf-8")), set(packages()))
    assert not findings, report(findings)


def test_a_gap_is_found():
    lists = {"cores.source_modules": {"model"}, "log.forbidden_modules": {"server"}}
    assert gaps(lists, {"model", "env", "records", "log", "server", "wire"}) == [
        "cores: add cordwood.records",
        "cores: add cordwood.wire",
        "log: forbid cordwood.wire",
    ]


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A house of empty packages under our contract."""
    lists = read_contract(CONTRACT.read_text("utf-8"))
    layers = {name.strip(" ()") for line in lists["layers.layers"] for name in line.split("|")}
    for name in ["", *layers]:
        folder = tmp_path / "cordwood" / name
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
    (tmp_path / ".importlinter").write_text(CONTRACT.read_text("utf-8"))
    return tmp_path


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter on a house."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    return subprocess.run(
        command, cwd=house, env={"PYTHONPATH": str(house)}, capture_output=True, text=True, check=False
    )


def test_empty_packages_keep_the_contract(planted):
    result = lint(planted)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("log/x.py", "import cordwood.broker"),
        ("server/x.py", "import cordwood.gateway"),
        ("cli/x.py", "import cordwood.testing"),
        ("records/x.py", "import time"),
        ("model/x.py", "from os import path"),
        ("records/x.py", "import cordwood.env"),
        ("wire/x.py", "import asyncio.events"),
        ("metadata/x.py", "import threading"),
        ("log/x.py", "import cordwood.wire"),
        ("stray/__init__.py", ""),
    ],
)
def test_a_planted_violation_is_found(planted, module, line):
    path = planted / "cordwood" / module
    path.parent.mkdir(exist_ok=True)
    path.write_text(line)
    result = lint(planted)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout or "Could not run" in result.stdout
