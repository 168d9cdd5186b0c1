"""What is wrong with a cluster, or with the way to it: one finding.

Lives here: its shape, which of several matter most, its columns. Must not live here: what is found (health.py, doctor).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cordwood.cli.terminal.output import Column


class Level(StrEnum):
    """How much a finding matters: clients fail, clients may suffer, good to know."""

    PROBLEM = "problem"
    WARNING = "warning"
    NOTE = "note"


STYLES: Final = {"ok": "green", "healthy": "green", "warning": "yellow", "problem": "red", "note": "dim"}
"""How levels and verdicts look on a terminal."""

COLUMNS: Final = (
    Column("LEVEL", "level", STYLES.get),
    Column("ABOUT", "about"),
    Column("FINDING", "text"),
    Column("WHAT TO DO", "advice"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with what, and what to change. `code` is for programs, and stays."""

    level: Level
    code: str
    about: str
    text: str
    advice: str


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Problems, then warnings, then notes; otherwise in their order."""
    levels = list(Level)
    return sorted(findings, key=lambda finding: levels.index(finding.level))


def worst_level(findings: Iterable[Finding]) -> Level | None:
    """The level of those that matter most; None if nothing was found."""
    return next((finding.level for finding in worst_first(findings)), None)
