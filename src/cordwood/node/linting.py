"""The look at a configuration before a broker starts with it: `cordwood config lint`.

    lint("cordwood.toml", text)        -> [Finding(place, severity, name, message, suggestion), ...]

Lives here: the face for whoever has the text of a file. Must not live here: looks of its own. What is wrong, without
effect or contradictory is found by the code that a start goes through (`sources`, `configuration`, `contradictions`), so
that a file without errors here is one that a broker starts with, as far as the file alone can tell.
"""

from __future__ import annotations

from cordwood.node.configuration import judge
from cordwood.node.findings import Finding, Place, Severity
from cordwood.node.sources import find_in_text

__all__ = ["Finding", "Place", "Severity", "lint"]


def lint(path: str, text: str) -> list[Finding]:
    """All that there is to say about the text of a configuration, in the order of its lines.

    The text is TOML, or properties as Kafka's server.properties are, by the end of the name (`.toml`, `.properties`) or
    else by its form. `path` is only a name here: nothing is read. `Finding.place.line` is 1 for the first line; what
    concerns no line of the file comes last, with `place` None. `str(finding)` is a line for people, which begins with
    `path:line: `. Nothing found means that all settings are good, and do something. Never raises.
    """
    findings = find_in_text(path, text)
    judge(findings)
    return sorted(findings.all, key=_order)


def _order(finding: Finding) -> tuple[bool, int]:
    return finding.place is None, (finding.place.line or 0) if finding.place else 0
