"""A piece of Python source in the making, with the names that it will find as globals.

Lives here: indentation, fresh names, constants, and turning the text into a function. Must not live here: the protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from struct import Struct
from typing import Any


class Source:
    """Collects lines; `block` indents what is written inside it."""

    def __init__(self) -> None:
        self.globals: dict[str, Any] = {}
        self._lines: list[str] = []
        self._depth = 0
        self._count = 0

    def line(self, text: str) -> None:
        """One line at the present depth."""
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """A compound statement: its head, and the lines written inside the `with`."""
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    def name(self, stem: str) -> str:
        """A local name that is used nowhere else."""
        self._count += 1
        return f"{stem}_{self._count}"

    def constant(self, stem: str, value: object) -> str:
        """The name of a global that holds the value."""
        for name, known in self.globals.items():
            if known is value:
                return name
        name = self.name(stem)
        self.globals[name] = value
        return name

    def packer(self, letters: str) -> str:
        """The name of the `pack` of a big-endian layout."""
        return self._layout("pack", letters)

    def unpacker(self, letters: str) -> str:
        """The name of the `unpack_from` of a big-endian layout."""
        return self._layout("unpack_from", letters)

    def _layout(self, method: str, letters: str) -> str:
        name = f"{method}_{letters.replace('?', 'T')}"
        if name not in self.globals:
            self.globals[name] = getattr(Struct(f">{letters}"), method)
        return name

    def text(self) -> str:
        """What was written so far."""
        return "\n".join(self._lines) + "\n"

    def compile(self, title: str, function: str) -> Callable[..., Any]:
        """Runs the source, and hands out one of the functions that it defines; `title` is shown in tracebacks."""
        exec(compile(self.text(), f"<{title}>", "exec"), self.globals)  # the text is generated here
        made: Callable[..., Any] = self.globals[function]
        return made
