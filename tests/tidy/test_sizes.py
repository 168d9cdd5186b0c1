"""Files, classes, functions and nesting stay small (STYLE: sizes)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

import pytest

from tests.tidy.tree import ROOT, python_files, report

FILE_LINES: Final = 500
CLASS_LINES: Final = 300
FUNCTION_LINES: Final = 70
NESTING: Final = 3

BLOCKS: Final = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


def long_file(text: str) -> str | None:
    """What is wrong with the length of a file, if anything."""
    lines = len(text.splitlines())
    return f"{lines} lines, {FILE_LINES} at most: split it by noun" if lines > FILE_LINES else None


def long_definitions(module: ast.Module) -> Iterator[str]:
    """The classes and functions that are too long."""
    for node in ast.walk(module):
        if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
            limit = CLASS_LINES if isinstance(node, ast.ClassDef) else FUNCTION_LINES
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > limit:
                yield f"{node.lineno}: {node.name} has {lines} lines, {limit} at most"


def deep_functions(module: ast.Module) -> Iterator[str]:
    """The functions whose blocks are nested too deeply."""
    for node in ast.walk(module):
        if isinstance(node, FUNCTIONS):
            depth = max((depth_of(statement, is_elif=False) for statement in node.body), default=0)
            if depth > NESTING:
                yield f"{node.lineno}: {node.name} nests {depth} deep, {NESTING} at most"


def depth_of(node: ast.AST, *, is_elif: bool) -> int:
    """How many blocks are inside each other here; a function inside a function counts for itself, `elif` is no deeper."""
    if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
        return 0
    own = isinstance(node, BLOCKS) and not is_elif
    elif_body = node.orelse[0] if isinstance(node, ast.If) and len(node.orelse) == 1 else None
    inner = max(
        (
            depth_of(child, is_elif=child is elif_body and isinstance(child, ast.If))
            for child in ast.iter_child_nodes(node)
        ),
        default=0,
    )
    return own + inner


def test_files_are_short():
    findings = [
        f"{path}: {long}" for path, _ in python_files() if (long := long_file((ROOT / path).read_text("utf-8")))
    ]
    assert not findings, report(findings)


def test_classes_and_functions_are_short():
    findings = [f"{path}:{found}" for path, module in python_files() for found in long_definitions(module)]
    assert not findings, report(findings)


def test_nesting_is_shallow():
    findings = [f"{path}:{found}" for path, module in python_files("src") for found in deep_functions(module)]
    assert not findings, report(findings)


def test_a_long_file_is_found():
    assert long_file("x\n" * FILE_LINES) is None
    assert long_file("x\n" * (FILE_LINES + 1))


@pytest.mark.parametrize(("head", "limit"), [("class C:", CLASS_LINES), ("def f():", FUNCTION_LINES)])
def test_a_long_definition_is_found(head, limit):
    assert not list(long_definitions(ast.parse(head + "\n    x = 1" * (limit - 1))))
    assert list(long_definitions(ast.parse(head + "\n    x = 1" * limit)))


NESTED = """
def f(rows):
    for row in rows:
        with row:
            while row:
                {innermost}
"""


def test_deep_nesting_is_found():
    assert not list(deep_functions(ast.parse(NESTED.format(innermost="row.step()"))))
    assert list(deep_functions(ast.parse(NESTED.format(innermost="if row: row.step()"))))


def test_elif_and_inner_functions_are_not_deeper():
    chain = "def f(x):\n    if x == 1: pass\n" + "".join(f"    elif x == {n}: pass\n" for n in range(2, 9))
    assert not list(deep_functions(ast.parse(chain)))
    assert not list(deep_functions(ast.parse(NESTED.format(innermost="g = lambda: [r for r in row if r]"))))
