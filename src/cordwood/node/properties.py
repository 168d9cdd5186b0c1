r"""Files in the form of Java's properties, such as Kafka's server.properties.

Lives here: their text into names, values and lines. Must not live here: what a setting means.

    # a comment, as after !
    name = value            : or a blank may stand in place of =
    name = the value \
           goes on here     the blanks at the beginning of a further line do not count
    name = caf\u00e9       \t \n \r \f and \uXXXX; before any other letter a backslash is nothing
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_COMMENT: Final = re.compile(r"[ \t\f]*[#!]")
_KEY: Final = re.compile(r"(?P<key>(?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.|$)")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_LETTERS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


class Pair(NamedTuple):
    """A name, its value as it is meant, and the line on which the name stands."""

    name: str
    value: str
    line: int


def parse(text: str) -> list[Pair]:
    """The pairs in their order; a name may be there more than once. Any text has a reading."""
    pairs = []
    for line, logical in _logical_lines(text):
        match = _KEY.match(logical)
        assert match is not None, logical
        pairs.append(Pair(_meant(match["key"]), _meant(logical[match.end() :]), line))
    return pairs


def looks_like(text: str) -> bool:
    """Whether a text that is no TOML reads well as properties: names of settings, no tables, no quotation marks."""
    pairs = parse(text)
    return bool(pairs) and all(
        re.fullmatch(r"[A-Za-z][\w.\-/]*", pair.name) is not None and not pair.value.startswith(('"', "'", "["))
        for pair in pairs
    )


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with those that it goes on in, and the number of its first."""
    begun: tuple[int, str] | None = None
    for number, natural in enumerate(_LINE_END.split(text), 1):
        if begun is None and (not natural.strip(" \t\f") or _COMMENT.match(natural)):
            continue
        first, before = begun or (number, "")
        whole = before + natural.lstrip(" \t\f")
        if _goes_on(natural):
            begun = first, whole[:-1]
        else:
            begun = None
            yield first, whole
    if begun is not None:
        yield begun


def _goes_on(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _meant(text: str) -> str:
    return _ESCAPE.sub(lambda escape: _letter(escape[1]), text)


def _letter(escaped: str) -> str:
    if len(escaped) == 5:
        return chr(int(escaped[1:], 16))
    return _LETTERS.get(escaped, escaped)
