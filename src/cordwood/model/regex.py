"""Regular expressions of clients, on an engine that takes linear time: RE2, whose syntax Kafka prescribes.

Lives here: their check and their resolution against names. Must not live here: what they are for.

A pattern has to match a whole name. Many patterns are matched at once: a set of them costs under a
microsecond a name, a single one through the library's own wrapper seven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Final

from cordwood.model.group_errors import InvalidRegularExpression

MEMORY_BYTES: Final = 1 << 20
"""What one pattern may cost; RE2's own default is eight times as much."""


def check(pattern: str) -> None:
    """Raises InvalidRegularExpression when RE2 cannot read a pattern, or it would cost too much."""
    re2 = _engine()
    try:
        re2.compile(pattern, options=_options(1))
    except re2.error as error:
        reason = error.args[0] if error.args else "it cannot be read"
        raise InvalidRegularExpression(pattern, reason.decode() if isinstance(reason, bytes) else reason) from error


def resolve(patterns: Iterable[str], names: Iterable[str]) -> dict[str, frozenset[str]]:
    """The names that each pattern stands for: none, if RE2 cannot read it.

    Patterns are checked when members bring them; one from the log may have been written by somebody who reads more.
    """
    found: dict[str, list[str]] = {pattern: [] for pattern in patterns}
    readable = [pattern for pattern in found if is_readable(pattern)]
    if readable:
        together = _engine().Set.FullMatchSet(options=_options(len(readable)))
        for pattern in readable:
            together.Add(pattern)
        together.Compile()
        for name in names:
            for index in together.Match(name) or ():
                found[readable[index]].append(name)
    return {pattern: frozenset(matched) for pattern, matched in found.items()}


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a pattern matches the whole of a text. Raises InvalidRegularExpression."""
    check(pattern)
    compiled = _engine().compile(pattern, options=_options(1))
    return lambda text: compiled.fullmatch(text) is not None


def is_readable(pattern: str) -> bool:
    """Whether `check` would pass."""
    try:
        check(pattern)
    except InvalidRegularExpression:
        return False
    return True


def _engine() -> ModuleType:
    # Few subscribe this way: a broker without one never loads the library.
    import re2

    engine: ModuleType = re2
    return engine


def _options(patterns: int) -> object:
    options = _engine().Options()
    options.log_errors = False
    options.max_mem = MEMORY_BYTES * (patterns + 1)
    return options
