"""No test sleeps: it waits for the thing itself, with a deadline."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.tidy.tree import python_files, report


def sleeps(module: ast.Module) -> Iterator[str]:
    """The calls that sleep; `asyncio.sleep(0)` only lets others run and is allowed."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "sleep" for alias in node.names):
            yield f"{node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sleep":
            yields = node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
            if not yields or ast.unparse(node.func) == "time.sleep":
                yield f"{node.lineno}: {ast.unparse(node)}"


def test_no_test_sleeps():
    findings = [f"{path}:{found}" for path, module in python_files("tests") for found in sleeps(module)]
    assert not findings, report(findings)


@pytest.mark.parametrize(
    "text", ["time.sleep(0)", "asyncio.sleep(0.1)", "from time import sleep", "await_(time.sleep(d))"]
)
def test_a_sleep_is_found(text):
    assert list(sleeps(ast.parse(text)))


def test_letting_others_run_is_allowed():
    assert not list(sleeps(ast.parse("async def f():\n    await asyncio.sleep(0)")))
