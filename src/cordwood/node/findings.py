"""What is found in the sources of a configuration: settings that are given, and what there is to say about them.

Lives here: these values, and how they read. Must not live here: the reading of a source (`sources`), and the judgement
(`configuration`, `contradictions`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """Unknown, invalid, or against another setting: a broker does not start with it."""
    WARNING = "warning"
    """It does not do what one might think; mostly that Cordwood accepts the setting and does not act on it."""
    NOTE = "note"
    """Good to know: another name, or a setting that another one overrules."""


class Place(NamedTuple):
    """Where something was given: a file and a line of it, a variable, a flag."""

    source: str
    line: int | None = None

    def __str__(self) -> str:
        """As editors and compilers write it."""
        return self.source if self.line is None else f"{self.source}:{self.line}"


class Given(msgspec.Struct, frozen=True):
    """A setting under its own name, the text given for it, and the place to tell people about."""

    name: str
    text: str
    place: Place


class Finding(msgspec.Struct, frozen=True):
    """Something to say about a configuration. No secret is in its words.

    `place` is None for what nobody gave, `name` the setting as it was written, empty where there is none.
    """

    place: Place | None
    severity: Severity
    name: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        """One line for people, without the severity."""
        place = f"{self.place}: " if self.place else ""
        hint = f" ({self.suggestion})" if self.suggestion else ""
        return f"{place}{self.message}{hint}"


class Findings(msgspec.Struct):
    """What was found in all sources: good settings, weakest first, and all that there is to say."""

    settings: list[Given] = []
    all: list[Finding] = []

    def add(self, severity: Severity, place: Place | None, name: str, message: str, suggestion: str = "") -> None:
        """Notes one finding."""
        self.all.append(Finding(place, severity, name, message, suggestion))

    def of(self, severity: Severity) -> list[str]:
        """The findings of one severity, each as a line for people."""
        return [str(finding) for finding in self.all if finding.severity is severity]

    @property
    def mistakes(self) -> list[str]:
        """What stops a start."""
        return self.of(Severity.ERROR)

    @property
    def warnings(self) -> list[str]:
        """What does not, and ought to be known."""
        return self.of(Severity.WARNING)
