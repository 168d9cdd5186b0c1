"""Writes the decoder of a message at a version, as straight-line Python.

What a decoder does, for speed (measured by bench/wire_codec.py):
- neighbouring fields of fixed width are unpacked by one call, and the first byte of a varint that follows with them;
- structures are unrolled in line, and made by one call with positional arguments;
- records are slices of the input.

What it does for safety, because the bytes come from anybody:
- the length of everything is checked against the bytes that are left, before anything is allocated for it; an array's
  with the fewest bytes that an element can take;
- varints are at most 5 bytes; a null where none may be, a string that is not UTF-8, a tagged field that is not as long
  as it says: all are refused;
- whatever is wrong, it raises `ProtocolError`, and nothing else.

Lives here: code generation. Must not live here: reading declarations (`plan`), caching (`compiler`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

from cordwood.model.errors import ProtocolError
from cordwood.wire import primitives
from cordwood.wire.plan import FieldPlan, StructPlan
from cordwood.wire.schema import Kind
from cordwood.wire.source import Source

_INTEGERS: Final = frozenset({Kind.INT8, Kind.INT16, Kind.INT32, Kind.INT64})
_HELPERS: Final = (
    primitives.read_uvarint,
    primitives.read_long_uvarint,
    primitives.read_integers,
    primitives.skip_tagged,
    primitives.truncated,
    primitives.unexpected_null,
    primitives.tag_mismatch,
)


def generate_decoder(layout: StructPlan, title: str) -> Callable[..., Any]:
    """The function `(buffer, position) -> (message, position after it)` for a layout."""
    return generate_decoder_source(layout, title).compile(title, "decode")


def generate_decoder_source(layout: StructPlan, title: str) -> Source:
    """The source of the function, for those who want to read it."""
    source = Source()
    for helper in _HELPERS:
        source.globals[helper.__name__] = helper
    source.globals["ProtocolError"] = ProtocolError
    source.globals["StructError"] = struct.error
    with source.block("def decode(buffer, position):"):
        source.line("end = len(buffer)")
        with source.block("try:"):
            message = _DecoderBody(source, layout.is_flexible).struct(layout, "")
            source.line(f"return {message}, position")
        with source.block("except (StructError, IndexError) as cause:"):
            source.line(f'raise ProtocolError(f"{title} ends before its last field, at byte {{end}}") from cause')
        with source.block("except UnicodeDecodeError as cause:"):
            source.line(f'raise ProtocolError(f"{title} has a string that is not UTF-8: {{cause}}") from cause')
    return source


class _DecoderBody:
    """Writes the statements of one function, holding back fixed-width fields that can be unpacked together."""

    def __init__(self, source: Source, is_flexible: bool) -> None:
        self._source = source
        self._is_flexible = is_flexible
        self._run: list[tuple[str, str]] = []

    def struct(self, layout: StructPlan, path: str) -> str:
        """Reads a structure whole; the expression that makes it. Nothing is held back."""
        values = {field.name: self._default(field) for field in layout.fields}
        for field in layout.untagged:
            values[field.name] = self._field(field, f"{path}{field.name}")
        if layout.is_flexible:
            self._tagged(layout, path, values)
        self._flush()
        cls = self._source.constant(layout.cls.__name__, layout.cls)
        return f"{cls}({', '.join(values.values())})"

    def _default(self, field: FieldPlan) -> str:
        if field.default is None or isinstance(field.default, (int, float, str, bytes, list)):
            return repr(field.default)
        return self._source.constant("default", field.default)

    def _field(self, field: FieldPlan, path: str) -> str:
        if field.is_array:
            return self._array(field, path)
        return self._single(field, path, field.is_nullable)

    def _fixed(self, letter: str) -> str:
        """The name that will hold a fixed-width value, once `_flush` has written the statement."""
        name = self._source.name("value")
        self._run.append((letter, name))
        return name

    def _flush(self) -> None:
        if not self._run:
            return
        letters = "".join(letter for letter, _ in self._run)
        names = ", ".join(name for _, name in self._run)
        if letters == "B":
            self._source.line(f"{names} = buffer[position]")
        else:
            self._source.line(f"{names}, = {self._source.unpacker(letters)}(buffer, position)")
        self._source.line(f"position += {struct.calcsize('>' + letters)}")
        self._run = []

    def _uvarint(self) -> str:
        name = self._fixed("B")
        self._flush()
        with self._source.block(f"if {name} > 127:"):
            self._source.line(f"{name}, position = read_long_uvarint(buffer, position, {name})")
        return name

    def _length(self, letter: str) -> str:
        """The name of a length, whose value is -1 for null."""
        if self._is_flexible:
            size = self._uvarint()
            self._source.line(f"{size} -= 1")
        else:
            size = self._fixed(letter)
            self._flush()
        return size

    def _single(self, field: FieldPlan, path: str, is_nullable: bool) -> str:
        match field.kind:
            case Kind.STRING:
                return self._sized(path, "h", 'str(buffer[position:stop], "utf-8")', is_nullable)
            case Kind.BYTES:
                return self._sized(path, "i", "bytes(buffer[position:stop])", is_nullable)
            case Kind.RECORDS:
                return self._sized(path, "i", "buffer[position:stop]", is_nullable)
            case Kind.STRUCT:
                return self._nested(field, path, is_nullable)
            case fixed:
                return self._fixed(fixed.value)

    def _sized(self, path: str, letter: str, expression: str, is_nullable: bool) -> str:
        """A length and as many bytes: strings, bytes and records."""
        size = self._length(letter)
        value = self._source.name("value")
        self._null_check(path, size, value, is_nullable)
        with self._source.block("else:"):
            self._source.line(f"stop = position + {size}")
            with self._source.block("if stop > end:"):
                self._source.line(f"raise truncated({path!r}, position, {size}, end)")
            self._source.line(f"{value} = {expression}")
            self._source.line("position = stop")
        return value

    def _null_check(self, path: str, size: str, value: str, is_nullable: bool) -> None:
        """Opens the `if` whose `else` reads a value that is there."""
        if is_nullable:
            with self._source.block(f"if {size} == -1:"):
                self._source.line(f"{value} = None")
            head = f"elif {size} < 0:"
        else:
            head = f"if {size} < 0:"
        with self._source.block(head):
            self._source.line(f"raise unexpected_null({path!r}, position)")

    def _nested(self, field: FieldPlan, path: str, is_nullable: bool) -> str:
        assert field.struct is not None
        self._flush()
        if not is_nullable:
            return self.struct(field.struct, f"{path}.")
        value = self._source.name("value")
        marker = self._fixed("b")
        self._flush()
        with self._source.block(f"if {marker} < 0:"):
            self._source.line(f"{value} = None")
        with self._source.block("else:"):
            self._source.line(f"{value} = {self.struct(field.struct, f'{path}.')}")
        return value

    def _array(self, field: FieldPlan, path: str) -> str:
        size = self._length("i")
        value = self._source.name("value")
        self._null_check(path, size, value, field.is_nullable)
        minimum = field.element_size_bytes
        with self._source.block("else:"):
            with self._source.block(f"if {size} * {minimum} > end - position:"):
                self._source.line(f"raise truncated({path!r}, position, {size} * {minimum}, end)")
            if field.kind in _INTEGERS:
                self._source.line(f'{value} = list(read_integers("{field.kind.value}", buffer, position, {size}))')
                self._source.line(f"position += {size} * {minimum}")
            else:
                self._elements(field, path, size, value)
        return value

    def _elements(self, field: FieldPlan, path: str, size: str, value: str) -> None:
        self._source.line(f"{value} = []")
        with self._source.block(f"for _ in range({size}):"):
            if field.struct is not None:
                element = self.struct(field.struct, f"{path}.")
            else:
                element = self._single(field, path, is_nullable=False)
                self._flush()
            self._source.line(f"{value}.append({element})")

    def _tagged(self, layout: StructPlan, path: str, values: dict[str, str]) -> None:
        """The tagged fields: those that the version knows are read, the others are skipped."""
        count = self._fixed("B")
        self._flush()
        known = layout.tagged
        for field in known:
            name = self._source.name("value")
            self._source.line(f"{name} = {values[field.name]}")
            values[field.name] = name
        with self._source.block(f"if {count}:"):
            if not known:
                self._source.line(f"position = skip_tagged(buffer, position, {count})")
                return
            with self._source.block(f"if {count} > 127:"):
                self._source.line(f"{count}, position = read_long_uvarint(buffer, position, {count})")
            with self._source.block(f"for _ in range({count}):"):
                self._tagged_field(known, path, values)

    def _tagged_field(self, known: list[FieldPlan], path: str, values: dict[str, str]) -> None:
        tag, size, after = (self._source.name(stem) for stem in ("tag", "size", "after"))
        self._source.line(f"{tag}, position = read_uvarint(buffer, position)")
        self._source.line(f"{size}, position = read_uvarint(buffer, position)")
        self._source.line(f"{after} = position + {size}")
        with self._source.block(f"if {after} > end:"):
            self._source.line(f'raise truncated("a tagged field", position, {size}, end)')
        for number, field in enumerate(known):
            with self._source.block(f"{'elif' if number else 'if'} {tag} == {field.tag}:"):
                value = self._field(field, f"{path}{field.name}")
                self._flush()
                self._source.line(f"{values[field.name]} = {value}")
                with self._source.block(f"if position != {after}:"):
                    self._source.line(f"raise tag_mismatch({path + field.name!r}, position, {after})")
        with self._source.block("else:"):
            self._source.line(f"position = {after}")
