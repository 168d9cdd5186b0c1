"""The lock files hold every dependency, pinned and with hashes, and agree with each other; the scripts stop at errors."""

from __future__ import annotations

import re
import subprocess
import tomllib
from typing import Final

import pytest

from tests.tidy.tree import ROOT, files, report

LOCKS: Final = ("run", "dev", "build", "faust", "kaskade")
SCRIPTS: Final = [path for path in files() if path.parts[0] in {"scripts", ".ci"}]


def pins(lock: str) -> dict[str, str]:
    """Package -> version of a lock file. Raises ValueError at a requirement without a version or a hash."""
    found = {}
    for requirement in re.sub(r" \\\n\s*", " ", lock).splitlines():
        match = re.fullmatch(
            r"([a-z0-9][a-z0-9._-]*)==(\S+)( ; .+?)?( --hash=sha256:[0-9a-f]{64})+", requirement.rstrip()
        )
        if match is None:
            raise ValueError(f"not pinned with a hash: {requirement[:80]}")
        found[match[1]] = match[2]
    return found


def read(name: str) -> dict[str, str]:
    """The pins of one of our locks."""
    return pins((ROOT / "requirements" / f"{name}.lock").read_text("utf-8"))


def names(requirements: list[str]) -> set[str]:
    """The packages that a list of requirements asks for."""
    return {re.split(r"[ <>=!~;\[]", requirement)[0] for requirement in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name):
    assert read(name)


def test_the_locks_hold_what_the_project_asks_for():
    document = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = document["project"]
    assert names(project["dependencies"]) <= set(read("run"))
    assert names(project["optional-dependencies"]["dev"]) <= set(read("dev"))
    assert names(document["build-system"]["requires"]) <= set(read("build"))


def test_the_locks_agree():
    dev = read("dev")
    for name in ("run", "build"):
        differing = {
            package: version for package, version in read(name).items() if dev.get(package, version) != version
        }
        assert not differing, f"{name}.lock and dev.lock differ in {differing}: make lock"
    assert set(read("run")) <= set(dev)


@pytest.mark.parametrize("path", SCRIPTS, ids=str)
def test_scripts_are_bash_that_stops_at_errors(path):
    text = (ROOT / path).read_text("utf-8")
    subprocess.run(["bash", "-n", str(ROOT / path)], check=True)
    assert text.startswith("#!/usr/bin/env bash\n# "), "say in a comment what it does"
    assert re.search(r"^set -e?uo pipefail$", text, re.MULTILINE)
    assert (ROOT / path).stat().st_mode & 0o111, report([f"{path} cannot be executed"])


def test_a_missing_hash_is_found():
    good = "a-b==1.0 ; python_version < '3.12' \\\n    --hash=sha256:" + "0" * 64 + "\n"
    assert pins(good) == {"a-b": "1.0"}
    for bad in ("a-b==1.0\n", "a-b>=1.0 \\\n    --hash=sha256:" + "0" * 64, "--index-url x\n"):
        with pytest.raises(ValueError, match="not pinned"):
            pins(bad)
