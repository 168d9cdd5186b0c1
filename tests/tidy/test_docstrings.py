"""Every module says what lives in it, and what is public is documented once: on the thing itself or on its Protocol."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import Iterable, Iterator
from typing import Final

import click

from tests.tidy.tree import python_files, report

FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)

# Declarations whose names are the Kafka protocol's own; the module's docstring names the message.
NO_CLASS_DOCSTRINGS: Final = ("src/cordwood/wire/messages/",)


# Methods that a framework's base class documents.
FRAMEWORKS: Final = (asyncio.BufferedProtocol, click.Group)


def undocumented_module(module: ast.Module) -> bool:
    """Whether a module with content lacks a docstring; an empty file needs none."""
    return bool(module.body) and not ast.get_docstring(module)


def documented_methods(modules: Iterable[ast.Module]) -> set[str]:
    """The names of methods that are documented on a Protocol or a base class somewhere: whoever fulfils them need not."""
    names = {name for framework in FRAMEWORKS for name in dir(framework)}
    for module in modules:
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef):
                names |= {m.name for m in node.body if isinstance(m, FUNCTIONS) and ast.get_docstring(m)}
    return names


def undocumented(module: ast.Module, fulfilled: set[str]) -> Iterator[str]:
    """The public classes, functions and methods without a docstring."""
    for node in module.body:
        if isinstance(node, (ast.ClassDef, *FUNCTIONS)) and not node.name.startswith("_"):
            if not ast.get_docstring(node) and not is_overload(node):
                yield f"{node.lineno}: {node.name} has no docstring"
            if isinstance(node, ast.ClassDef):
                yield from undocumented_methods(node, fulfilled)


def undocumented_methods(owner: ast.ClassDef, fulfilled: set[str]) -> Iterator[str]:
    """The public methods that nobody documents; a method of one statement is its own documentation, but on a Protocol."""
    is_protocol = any(re.fullmatch(r"(typing\.)?Protocol(\[.*\])?", ast.unparse(base)) for base in owner.bases)
    for node in owner.body:
        if not isinstance(node, FUNCTIONS) or node.name.startswith("_") or ast.get_docstring(node) or is_overload(node):
            continue
        obvious = len(node.body) == 1 and not is_protocol
        if not obvious and (is_protocol or node.name not in fulfilled):
            yield f"{node.lineno}: {owner.name}.{node.name} has no docstring, and no Protocol documents it"


def is_overload(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether this is one of several signatures, or a property's setter: documented at its sibling."""
    return any(ast.unparse(d).endswith(("overload", ".setter")) for d in node.decorator_list)


def test_every_module_has_a_docstring():
    findings = [f"{path}: no docstring" for path, module in python_files() if undocumented_module(module)]
    assert not findings, report(findings)


def test_what_is_public_is_documented():
    fulfilled = documented_methods(module for _, module in python_files("src"))
    findings = [
        f"{path}:{found}"
        for path, module in python_files("src")
        if not str(path).startswith(NO_CLASS_DOCSTRINGS)
        for found in undocumented(module, fulfilled)
    ]
    assert not findings, report(findings)


def test_a_missing_module_docstring_is_found():
    assert undocumented_module(ast.parse("import os"))
    assert not undocumented_module(ast.parse('"""What."""\nimport os'))
    assert not undocumented_module(ast.parse(""))


SAMPLE = '''
class Port(Protocol):
    def open(self): ...
    def close(self):
        """Closes."""

class File(asyncio.BufferedProtocol):
    """A file."""
    def close(self):
        work()
        work()
    def obvious(self):
        return self._x
    def strange(self):
        work()
        work()
    def _private(self):
        work()
        work()
    def connection_made(self, transport):
        work()
        work()

def public():
    return 1

def _private():
    return 1
'''


def test_missing_docstrings_are_found():
    module = ast.parse(SAMPLE)
    findings = [found.split(": ")[1].split(" ")[0] for found in undocumented(module, documented_methods([module]))]
    assert findings == ["Port", "Port.open", "File.strange", "public"]
