"""Imports stand at the top of their file, where the layer contract and the reader see them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from tests.tidy.tree import python_files, report

# Where an import inside a function is right, by the beginning of the path, with the reason.
ALLOWED: Final = {
    "src/cordwood/cli/": "each command imports what it needs, so that --help answers at once",
    "src/cordwood/model/regex.py": "few subscribe by regular expressions; a broker starts without RE2",
    "src/cordwood/telemetry/otlp.py": "few brokers are ever sent metrics; the others start without protobuf",
    "src/cordwood/testing/__init__.py": "every pytest run of an environment loads the plugin; few need the broker",
    "src/cordwood/testing/plugin.py": "the same: the fixture that needs the broker imports it",
}


def inner_imports(module: ast.Module) -> Iterator[str]:
    """The imports inside functions."""
    for function in ast.walk(module):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in ast.walk(function):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    yield f"{node.lineno}: {ast.unparse(node)} inside {function.name}"


def test_imports_stand_at_the_top():
    findings = [
        f"{path}:{found}"
        for path, module in python_files("src")
        if not any(str(path).startswith(beginning) for beginning in ALLOWED)
        for found in inner_imports(module)
    ]
    assert not findings, report(findings)


def test_an_inner_import_is_found():
    assert list(inner_imports(ast.parse("def f():\n    if True:\n        import os")))
    assert list(inner_imports(ast.parse("class C:\n    async def f(self):\n        from os import path")))
    assert not list(inner_imports(ast.parse("import os\nif True:\n    import re\ndef f(): pass")))
