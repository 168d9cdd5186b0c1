"""The documents keep up with the code."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable
from typing import Any, Final

from tests.tidy.tree import ROOT, packages, python_files, report

FILE_MAP: Final = "docs/ARCHITECTURE.md"
DEPENDENCIES: Final = "docs/DEPENDENCIES.md"
CHECKED_BY_TESTS: Final = ("docs/FAILURE_MODES.md", "docs/STORAGE.md")
"""Pages whose every claim names the test that shows it."""


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


def named_tests(text: str) -> tuple[set[str], set[str]]:
    """The test functions and the test files that a document names as what shows its claims."""
    quoted = set(re.findall(r"`([^`\s]+)`", text))
    return {name for name in quoted if re.fullmatch(r"test_\w+", name)}, {
        name for name in quoted if re.fullmatch(r"tests/[\w/]+\.py", name)
    }


def test_documents_name_tests_that_exist():
    known = {
        node.name
        for _, module in python_files("tests")
        for node in ast.walk(module)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    findings = []
    for page in CHECKED_BY_TESTS:
        functions, paths = named_tests((ROOT / page).read_text("utf-8"))
        assert functions or paths, f"{page} names no test"
        findings += [f"{page}: there is no test {name}" for name in sorted(functions - known)]
        findings += [f"{page}: there is no {path}" for path in sorted(paths) if not (ROOT / path).exists()]
    assert not findings, report(findings)


def test_tests_are_found_in_a_document():
    text = "| shown by `test_disk_full` and `tests/log/test_log.py`, see `testing` |"
    assert named_tests(text) == ({"test_disk_full"}, {"tests/log/test_log.py"})


def test_a_missing_name_is_found():
    assert unmentioned(["log", "raft"], "| log | the log |\n| raftlog |") == ["raft"]


def test_requirements_are_read():
    project = {
        "dependencies": ["uvloop>=0.21; sys_platform != 'win32'", "rich"],
        "optional-dependencies": {"dev": ["a-b>=1"]},
    }
    assert dependencies(project) == ["uvloop", "rich", "a-b"]
