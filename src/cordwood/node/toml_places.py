"""The lines of a TOML file on which its keys stand.

tomllib tells values and not where they were, so the lines are looked through a second time. Lives here: that look. Must
not live here: values. A key that is not found (inside an inline table, for one) is on the line of what holds it.
"""

from __future__ import annotations

import re
from typing import Final

_PART: Final = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_KEY: Final = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_TABLE: Final = re.compile(rf"[ \t]*\[[ \t]*({_KEY})[ \t]*\]")
_PAIR: Final = re.compile(rf"[ \t]*({_KEY})[ \t]*=")
_PARTS: Final = re.compile(_PART)


def lines_of_keys(text: str) -> dict[str, int]:
    """The number of the line on which each key and each table stands first, with dots between the parts of a key."""
    found: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.splitlines(), 1):
        table = _TABLE.match(line)
        pair = _PAIR.match(line)
        if table:
            key = _joined(table[1])
            prefix = f"{key}."
        elif pair:
            key = prefix + _joined(pair[1])
        else:
            continue
        found.setdefault(key, number)
    return found


def line_of(key: str, lines: dict[str, int]) -> int | None:
    """The line of a key, or of the innermost table that holds it."""
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return lines.get(key)


def _joined(key: str) -> str:
    return ".".join(part.strip("\"'") for part in _PARTS.findall(key))
