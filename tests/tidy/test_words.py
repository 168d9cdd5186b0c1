"""Words that no file of the repository may hold: notes of unfinished work, and addresses of package registries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.tidy.tree import report, text_files

# Both lists are put together from parts, so that this file keeps its own rules.
UNFINISHED: Final = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")

REGISTRIES: Final = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("repo", "maven", "apache", "org"),
        ("repo1", "maven", "org"),
        ("central", "sonatype", "com"),
        ("packages", "confluent", "io"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("crates", "io"),
        ("docker", "io"),
        ("ghcr", "io"),
    )
)


def unfinished(text: str) -> Iterator[str]:
    """The lines that say that something is not finished."""
    for number, line in enumerate(text.splitlines(), 1):
        if UNFINISHED.search(line):
            yield f"{number}: {line.strip()}"


def addresses(text: str) -> Iterator[str]:
    """The lines that name a package registry; where packages come from is the machine's own setting."""
    for number, line in enumerate(text.splitlines(), 1):
        if any(host in line for host in REGISTRIES):
            yield f"{number}: {line.strip()[:120]}"


def test_nothing_is_left_unfinished():
    findings = [f"{path}:{found}" for path, text in text_files() for found in unfinished(text)]
    assert not findings, report(findings)


def test_no_registry_is_named():
    findings = [f"{path}:{found}" for path, text in text_files() for found in addresses(text)]
    assert not findings, report(findings)


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "XX" + "X"])
def test_unfinished_work_is_found(word):
    assert list(unfinished(f"x = 1\n# {word}: more"))
    assert not list(unfinished(f"x = '{word}S'"))


def test_a_registry_is_found():
    assert list(addresses(f'"resolved": "https://registry.{REGISTRIES[2]}/kafkajs"'))
    assert not list(addresses("https://kafka.apache.org/protocol"))
