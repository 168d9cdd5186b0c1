"""What the tidy tests look at: the files of the repository, and parsed Python.

Lives here: finding and parsing. Must not live here: rules; each has a file of its own, with the tests of the rule itself.
"""

from __future__ import annotations

import ast
import gc
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "src" / "cordwood"


@cache
def files() -> tuple[Path, ...]:
    """Every file that is tracked, or would be if it were added; sorted, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return tuple(sorted(Path(name) for name in names if name and (ROOT / name).is_file()))


def python_files(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """The Python files under the folders (all when none is named), parsed."""
    for path in files():
        if path.suffix == ".py" and (not folders or path.parts[0] in folders):
            yield path, parse(path)


@cache
def parse(path: Path) -> ast.Module:
    """The syntax tree of a file of the repository.

    No garbage is collected meanwhile: what a finalizer writes into a log may be parsed for its traceback, and CPython
    3.11 does not allow one parse inside another (SystemError).
    """
    text = (ROOT / path).read_text("utf-8")
    gc.disable()
    try:
        return ast.parse(text, str(path))
    finally:
        gc.enable()


@cache
def text_files() -> tuple[tuple[Path, str], ...]:
    """Every file of the repository that is text, with its text."""
    found = []
    for path in files():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content[:8192]:
            found.append((path, content.decode("utf-8", "replace")))
    return tuple(found)


def packages() -> list[str]:
    """The names of the packages directly under `cordwood` that hold a Python file."""
    return sorted({path.parts[2] for path, _ in python_files("src") if len(path.parts) > 3})


def report(findings: list[str]) -> str:
    """The message of a failed rule."""
    return "\n" + "\n".join(findings)
