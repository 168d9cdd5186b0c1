"""Sessions in documents: blocks of commands and of what they print, and blocks of Python.

    ```console
    $ cordwood topic create orders          a command, run by bash; the whole page is one session
    orders created                          what it prints, on either stream
    ```

    ```python
    print(1 + 1)  # -> 2                    a program of its own; what it prints, line by line
    ```

Lives here: finding the blocks, comparing them with what happens, and writing that down. Must not live here: how a command
is run (shell.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

PROMPT: Final = "$ "
RESULT: Final = re.compile(r"# -> (.*)$", re.MULTILINE)
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

VOLATILE: Final = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "<time>"),
    (re.compile(r"(_ms\": ?)\d{13}\b"), r"\1<ms>"),
    (re.compile(r"(?<![\w+/-])[\w+/-]{21}[AQgw](?![\w+/-])"), "<id>"),
    (re.compile(r"\d+(\.\d+)? ms\b"), "<duration>"),
)
"""What differs from one run to the next, and what is compared instead."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command and what the document says that it prints; `gap` are empty lines behind that."""

    command: str
    printed: tuple[str, ...]
    gap: int = 0


def blocks(page: str, language: str) -> Iterator[str]:
    """The blocks of one language, in their order."""
    for found in _BLOCK.finditer(page):
        if found[1] == language:
            yield found[2]


def steps(block: str) -> list[Step]:
    """The commands of a block. Raises ValueError if it does not begin with one."""
    found: list[Step] = []
    printed: list[str] = []
    command: str | None = None
    for line in [*block.splitlines(), PROMPT]:
        if not line.startswith(PROMPT):
            printed.append(line)
            continue
        if command is not None:
            text = "\n".join(printed).rstrip("\n")
            gap = len(printed) - len(text.splitlines())
            found.append(Step(command, tuple(text.splitlines()), gap))
        elif printed:
            raise ValueError(f"a session begins with {PROMPT!r}, not with {printed[0]!r}")
        command, printed = line.removeprefix(PROMPT), []
    return found


def play(page: str, run: Callable[[str], list[str]]) -> str:
    """The page with what its commands really print; what differs from run to run stays as it is written."""

    def played(found: re.Match[str]) -> str:
        if found[1] != "console":
            return found[0]
        lines: list[str] = []
        for step in steps(found[2]):
            printed = run(step.command)
            same = list(map(stable, printed)) == list(map(stable, step.printed))
            lines += [PROMPT + step.command, *(step.printed if same else printed), *[""] * step.gap]
        return "\n".join(["```console", *lines, "```"])

    return _BLOCK.sub(played, page)


def stable(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, instead in VOLATILE:
        line = pattern.sub(instead, line)
    return re.sub(r"(<\w+>)\s+", r"\1 ", line).rstrip()


def results(program: str) -> list[str]:
    """What the comments of a program say that it prints."""
    return RESULT.findall(program)
