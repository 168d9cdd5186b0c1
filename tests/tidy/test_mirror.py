"""tests/ mirrors src/cordwood/: one test file for each source file."""

from __future__ import annotations

import ast
from collections.abc import Collection
from pathlib import Path
from typing import Final

from tests.tidy.tree import files, python_files, report

# Source files that are tested elsewhere, by the beginning of their path, with the reason.
TESTED_ELSEWHERE: Final = {
    "src/cordwood/wire/messages/": "declarations: tests/wire compares each message and version with other libraries",
    "src/cordwood/model/settings/accepted/": "rows: tests/model/settings/test_against_kafka.py compares them with Kafka's",
}

# Statements that can hold no mistake of their own.
INERT: Final = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)


def mirror_of(source: Path) -> Path:
    """The test file of a source file: src/cordwood/log/index.py -> tests/log/test_index.py."""
    inside = source.relative_to("src/cordwood")
    stem = inside.stem.strip("_")
    return Path("tests") / inside.parent / f"test_{stem}.py"


def needs_mirror(source: Path, module: ast.Module) -> bool:
    """Whether a source file needs a test file: an __init__.py that only hands on names does not."""
    if any(str(source).startswith(beginning) for beginning in TESTED_ELSEWHERE):
        return False
    return source.name != "__init__.py" or not all(isinstance(node, INERT) for node in module.body)


def missing_mirrors(sources: Collection[tuple[Path, ast.Module]], existing: Collection[Path]) -> list[str]:
    """The test files that should exist and do not."""
    return [
        f"{source}: there is no {mirror_of(source)}"
        for source, module in sources
        if needs_mirror(source, module) and mirror_of(source) not in existing
    ]


def test_every_source_file_has_its_test_file():
    findings = missing_mirrors(list(python_files("src")), set(files()))
    assert not findings, report(findings)


def test_reasons_are_still_true():
    findings = [
        f"{beginning}: no such source: remove it from TESTED_ELSEWHERE"
        for beginning in TESTED_ELSEWHERE
        if not any(str(path).startswith(beginning) for path in files())
    ]
    assert not findings, report(findings)


def test_every_test_file_holds_a_test():
    findings = [f"{path}: holds no test" for path, module in python_files("tests") if is_hollow(path, module)]
    assert not findings, report(findings)


def is_hollow(path: Path, module: ast.Module) -> bool:
    """Whether a test file holds no test: neither a function nor a hypothesis state machine."""
    if not path.name.startswith("test_"):
        return False
    functions = [node.name for node in ast.walk(module) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    names = functions + [target for node in module.body for target in assigned(node)]
    return not any(name.lower().startswith("test") for name in names)


def assigned(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module binds."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    classes = [node.name] if isinstance(node, ast.ClassDef) else []
    return classes + [target.id for target in targets if isinstance(target, ast.Name)]


def test_a_missing_test_file_is_found():
    source = (Path("src/cordwood/log/index.py"), ast.parse("def f(): pass"))
    assert missing_mirrors([source], []) == ["src/cordwood/log/index.py: there is no tests/log/test_index.py"]
    assert not missing_mirrors([source], [Path("tests/log/test_index.py")])


def test_an_init_with_code_needs_a_test():
    path = Path("src/cordwood/log/__init__.py")
    assert not missing_mirrors([(path, ast.parse('"""Doc."""\nfrom x import y\n__all__ = ["y"]'))], [])
    assert missing_mirrors([(path, ast.parse("def f(): pass"))], [])


def test_a_hollow_test_file_is_found():
    assert is_hollow(Path("tests/a/test_b.py"), ast.parse("import os"))
    assert not is_hollow(Path("tests/a/test_b.py"), ast.parse("def test_b(): pass"))
    assert not is_hollow(Path("tests/a/test_b.py"), ast.parse("TestMachine = Machine.TestCase"))
    assert not is_hollow(Path("tests/a/model.py"), ast.parse("import os"))
