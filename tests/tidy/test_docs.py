"""The documents keep up with the code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any, Final

from tests.tidy.tree import ROOT, packages, report

FILE_MAP: Final = "docs/ARCHITECTURE.md"
DEPENDENCIES: Final = "docs/DEPENDENCIES.md"


def unmentioned(names: Iterable[str], text: str) -> list[str]:
    """The names that a text does not hold as a word of their own."""
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


def dependencies(project: dict[str, Any]) -> list[str]:
    """The names of the packages that a [project] table asks for."""
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    return [re.split(r"[ <>=!~;\[]", entry)[0] for entry in wanted]


def test_the_file_map_names_every_package():
    missing = unmentioned(packages(), (ROOT / FILE_MAP).read_text("utf-8"))
    assert not missing, report([f"{FILE_MAP} does not mention the package {name}" for name in missing])


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    missing = unmentioned(dependencies(project), (ROOT / DEPENDENCIES).read_text("utf-8"))
    assert not missing, report([f"{DEPENDENCIES} does not say why we use {name}" for name in missing])


def test_the_version_is_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f'__version__ = "{project["version"]}"' in (ROOT / "src/cordwood/__init__.py").read_text("utf-8")


def test_a_missing_name_is_found():
    assert unmentioned(["log", "raft"], "| log | the log |\n| raftlog |") == ["raft"]


def test_requirements_are_read():
    project = {
        "dependencies": ["uvloop>=0.21; sys_platform != 'win32'", "rich"],
        "optional-dependencies": {"dev": ["a-b>=1"]},
    }
    assert dependencies(project) == ["uvloop", "rich", "a-b"]
