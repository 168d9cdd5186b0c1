"""Lists that are written while they come: JSON lines, one JSON array, one YAML list.

Lives here: what stands before, between and after the things of a list. Must not live here: what the things are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T_contra = TypeVar("T_contra", contravariant=True)
T = TypeVar("T")


class Form(Protocol[T_contra]):
    """A way to write a list; what its methods return goes to standard output."""

    def begin(self) -> bytes:
        """What stands before the first."""

    def some(self, things: Sequence[T_contra]) -> bytes:
        """The next ones."""

    def end(self) -> bytes:
        """What stands after the last."""


class JsonLines(Generic[T]):
    """A JSON value a line. `line` makes of a thing what msgspec encodes."""

    def __init__(self, line: Callable[[T], Any]) -> None:
        self._line = line
        self._encode_lines = msgspec.json.Encoder().encode_lines

    def begin(self) -> bytes:
        return b""

    def some(self, things: Sequence[T]) -> bytes:
        return self._encode_lines(map(self._line, things))

    def end(self) -> bytes:
        return b""


class JsonArray(Generic[T]):
    """One array, a value a line."""

    def __init__(self, line: Callable[[T], Any]) -> None:
        self._line = line
        self._encode = msgspec.json.Encoder().encode
        self._is_empty = True

    def begin(self) -> bytes:
        return b"["

    def some(self, things: Sequence[T]) -> bytes:
        if not things:
            return b""
        before = b"\n  " if self._is_empty else b",\n  "
        self._is_empty = False
        return before + b",\n  ".join([self._encode(self._line(thing)) for thing in things])

    def end(self) -> bytes:
        return b"]\n" if self._is_empty else b"\n]\n"


class Yaml(Generic[T]):
    """One list."""

    def __init__(self, line: Callable[[T], Any]) -> None:
        self._line = line
        self._is_empty = True

    def begin(self) -> bytes:
        return b""

    def some(self, things: Sequence[T]) -> bytes:
        self._is_empty = self._is_empty and not things
        return b"".join([msgspec.yaml.encode([_plain(self._line(thing))]) for thing in things])

    def end(self) -> bytes:
        return b"[]\n" if self._is_empty else b""


def _plain(line: Any) -> Any:  # noqa: ANN401 - whatever JSON says
    """What a line is in JSON: values that are JSON already are values here, too."""
    return msgspec.json.decode(msgspec.json.encode(line))
