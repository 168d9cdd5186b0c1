"""Names chosen by a pattern: a name, a glob such as `orders-*`, or a regular expression.

Lives here: choosing. Must not live here: asking for the names.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable

import click


def matcher(pattern: str, *, is_regex: bool) -> Callable[[str], bool]:
    """Whether a name is meant: by a glob, or by a regular expression that fits the whole name. Raises BadParameter."""
    if not is_regex:
        return lambda name: fnmatch.fnmatchcase(name, pattern)
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise click.BadParameter(f"{pattern!r} is no regular expression: {error}") from error
    return lambda name: compiled.fullmatch(name) is not None


def chosen(names: Iterable[str], patterns: Iterable[str], *, is_regex: bool) -> list[str]:
    """The names that one of the patterns means, in alphabetical order; without patterns, all."""
    matchers = [matcher(pattern, is_regex=is_regex) for pattern in patterns]
    return sorted(name for name in names if not matchers or any(matches(name) for matches in matchers))
