"""Nothing is named for having no other name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.tidy.tree import files, python_files, report

BANNED: Final = {"util", "utils", "helper", "helpers", "common", "misc", "stuff"}
BANNED_ENDINGS: Final = ("Util", "Utils", "Helper", "Helpers", "Misc")


def bad_path(path: Path) -> bool:
    """Whether a folder or file of this path has a name that says nothing."""
    words = {part.split(".")[0].removeprefix("test_").lower() for part in path.parts}
    return bool(words & BANNED)


def bad_classes(module: ast.Module) -> Iterator[str]:
    """The classes whose names say nothing."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef) and node.name.endswith(BANNED_ENDINGS):
            yield f"{node.lineno}: class {node.name}"


def test_files_are_named_for_what_is_in_them():
    findings = [f"{path}: name it for what is in it" for path in files() if bad_path(path)]
    assert not findings, report(findings)


def test_classes_are_named_for_what_they_are():
    findings = [f"{path}:{found}" for path, module in python_files() for found in bad_classes(module)]
    assert not findings, report(findings)


@pytest.mark.parametrize("name", ["a/utils.py", "common/x.py", "tests/log/test_helpers.py", "Misc.py"])
def test_a_bad_path_is_found(name):
    assert bad_path(Path(name))


def test_good_names_pass():
    assert not bad_path(Path("src/cordwood/log/segment.py"))
    assert not list(bad_classes(ast.parse("class Segment: pass")))


def test_a_bad_class_is_found():
    assert list(bad_classes(ast.parse("class LogUtils: pass")))
