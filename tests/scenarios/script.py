"""Scripts with recorded output: what is asked, and what came of it.

Lives here: reading a script, running it against an environment, and comparing or rewriting what is recorded. Must not
live here: what commands mean.

    # A comment; it stays where it is.
    command argument key=value
    ----
    what it printed

A command without output has "ok" recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

FENCE: Final = "----"
SILENCE: Final = "ok"


class Environment(Protocol):
    """Whatever a script is about."""

    def run(self, command: str) -> list[str]:
        """Does what a line asks for; returns what there is to see."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command with what is recorded for it, and the comments and empty lines before it."""

    before: tuple[str, ...]
    command: str
    recorded: tuple[str, ...]
    line: int


def parse(text: str) -> tuple[list[Step], tuple[str, ...]]:
    """The steps of a script, and what follows the last one. Raises ValueError for a command without a fence."""
    steps: list[Step] = []
    before: list[str] = []
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip() or line.startswith("#"):
            before.append(line)
            at += 1
            continue
        if at + 1 >= len(lines) or lines[at + 1] != FENCE:
            raise ValueError(f"line {at + 1}: {line!r} is not followed by {FENCE}")
        end = at + 2
        while end < len(lines) and lines[end]:
            end += 1
        steps.append(Step(tuple(before), line, tuple(lines[at + 2 : end]), at + 1))
        before = []
        at = end
    return steps, tuple(before)


def play(text: str, environment: Environment) -> str:
    """The script with what really comes of it."""
    steps, after = parse(text)
    lines: list[str] = []
    for step in steps:
        lines += [*step.before, step.command, FENCE, *(environment.run(step.command) or [SILENCE])]
    return "\n".join([*lines, *after]) + "\n"


def check(path: Path, environment: Environment, *, rewrite: bool) -> None:
    """Compares a script with what really comes of it, or records that."""
    text = path.read_text("utf-8")
    played = play(text, environment)
    if rewrite:
        path.write_text(played, "utf-8")
    assert played == path.read_text("utf-8"), f"{path.name} is not what happens; look, then record it with --rewrite"
