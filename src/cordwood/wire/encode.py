"""Writes the encoder of a message at a version, as straight-line Python.

What an encoder does, for speed (measured by bench/wire_codec.py):
- neighbouring fields of fixed width are packed by one call;
- it appends parts to a list, several at once, and never joins them;
- record payloads become parts as they are, without a copy, whatever they are: only their `len` is asked for;
- structures are unrolled in line; only tagged fields, which are rare, have a function of their own.

Lives here: code generation. Must not live here: reading declarations (`plan`), caching (`compiler`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from cordwood.wire import primitives
from cordwood.wire.plan import FieldPlan, StructPlan
from cordwood.wire.schema import Kind
from cordwood.wire.source import Source

_INTEGERS: Final = frozenset({Kind.INT8, Kind.INT16, Kind.INT32, Kind.INT64})


def generate_encoder(layout: StructPlan, title: str) -> Callable[..., Any]:
    """The function `(message, parts) -> None` for a layout."""
    return generate_encoder_source(layout).compile(title, "encode")


def generate_encoder_source(layout: StructPlan) -> Source:
    """The source of the function, for those who want to read it."""
    source = Source()
    for helper in (primitives.uvarint, primitives.tagged_section, primitives.pack_integers):
        source.globals[helper.__name__] = helper
    source.globals["ONE_BYTE"] = primitives.ONE_BYTE
    tag_functions = _write_tag_functions(source, layout, {})
    with source.block("def encode(message, parts):"):
        _EncoderBody(source, layout.is_flexible, tag_functions).whole(layout, "message")
    return source


def _write_tag_functions(source: Source, layout: StructPlan, known: dict[type, str]) -> dict[type, str]:
    """A function for the tagged fields of every structure that has some, the innermost first."""
    for field in layout.fields:
        if field.struct is not None:
            _write_tag_functions(source, field.struct, known)
    if layout.tagged and layout.cls not in known:
        known[layout.cls] = source.name("tagged_fields")
        with source.block(f"def {known[layout.cls]}(item):"):
            source.line("fields = []")
            for field in layout.tagged:
                _write_tagged_field(source, layout, field, known)
            source.line("return tagged_section(fields)")
    return known


def _write_tagged_field(source: Source, layout: StructPlan, field: FieldPlan, known: dict[type, str]) -> None:
    with source.block(f"if not ({is_default(source, field, 'item')}):"):
        source.line("parts = []")
        body = _EncoderBody(source, layout.is_flexible, known)
        body.field(field, "item")
        body.flush()
        source.line(f"fields.append(({field.tag}, parts))")


def is_default(source: Source, field: FieldPlan, item: str) -> str:
    """An expression: whether a field holds its default, and so is not written."""
    value = f"{item}.{field.name}"
    match field.default:
        case None:
            return f"{value} is None"
        case [] | "" | b"" | False:
            return f"not {value}"
        case int() | bytes() | str() as plain:
            return f"{value} == {plain!r}"
        case shared:
            name = source.constant("default", shared)
            return f"({value} is {name} or {value} == {name})"


class _EncoderBody:
    """Writes the statements of one function, holding back what can go into the same statement."""

    def __init__(self, source: Source, is_flexible: bool, tag_functions: dict[type, str]) -> None:
        self._source = source
        self._is_flexible = is_flexible
        self._tag_functions = tag_functions
        self._run: list[tuple[str, str | None]] = []
        self._parts: list[str] = []

    def whole(self, layout: StructPlan, item: str) -> None:
        """A structure from its first field to its tagged fields, with nothing held back."""
        self.struct(layout, item)
        self.flush()
        self._source.line("return")

    def struct(self, layout: StructPlan, item: str) -> None:
        """The fields of a structure; the last statement may be held back."""
        for field in layout.untagged:
            self.field(field, item)
        if not layout.is_flexible:
            return
        if not layout.tagged:
            self._fixed("x", None)
            return
        conditions = " and ".join(is_default(self._source, field, item) for field in layout.tagged)
        self._part(f'b"\\0" if {conditions} else {self._tag_functions[layout.cls]}({item})')

    def field(self, field: FieldPlan, item: str) -> None:
        """One field of the structure that is named by `item`."""
        value = f"{item}.{field.name}"
        if field.is_array:
            self._array(field, value)
        else:
            self._single(field, value, field.is_nullable)

    def flush(self) -> None:
        """Writes the statement for everything that was held back."""
        self._close_run()
        match self._parts:
            case []:
                return
            case [part]:
                self._source.line(f"parts.append({part})")
            case parts:
                self._source.line(f"parts += ({', '.join(parts)})")
        self._parts = []

    def _fixed(self, letter: str, value: str | None) -> None:
        self._run.append((letter, value))

    def _part(self, value: str) -> None:
        self._close_run()
        self._parts.append(value)

    def _close_run(self) -> None:
        if not self._run:
            return
        letters = "".join(letter for letter, _ in self._run)
        values = [value for _, value in self._run if value is not None]
        if values:
            self._parts.append(f"{self._source.packer(letters)}({', '.join(values)})")
        else:
            self._parts.append(repr(bytes(len(letters))))
        self._run = []

    def _single(self, field: FieldPlan, value: str, is_nullable: bool) -> None:
        match field.kind:
            case Kind.STRING:
                self._sized(value, "h", ".encode()", is_nullable)
            case Kind.BYTES | Kind.RECORDS:
                self._sized(value, "i", "", is_nullable)
            case Kind.STRUCT:
                self._nested(field, value, is_nullable)
            case fixed:
                self._fixed(fixed.value, value)

    def _sized(self, value: str, letter: str, conversion: str, is_nullable: bool) -> None:
        """A length and as many bytes: strings, bytes and records."""
        data, size = self._source.name("data"), self._source.name("size")
        if is_nullable:
            self._source.line(f"{data} = {value}")
            with self._source.block(f"if {data} is None:"):
                self._source.line(f'{data} = b""')
                self._source.line(f"{size} = {0 if self._is_flexible else -1}")
            with self._source.block("else:"):
                self._source.line(f"{data} = {data}{conversion}")
                self._source.line(f"{size} = len({data}){self._more}")
        else:
            self._source.line(f"{data} = {value}{conversion}")
            self._source.line(f"{size} = len({data}){self._more}")
        self._length(size, letter)
        self._part(data)

    @property
    def _more(self) -> str:
        """Compact lengths are one more than they say, so that zero can mean null."""
        return " + 1" if self._is_flexible else ""

    def _length(self, size: str, letter: str) -> None:
        if self._is_flexible:
            self._part(f"ONE_BYTE[{size}] if {size} < 128 else uvarint({size})")
        else:
            self._fixed(letter, size)

    def _nested(self, field: FieldPlan, value: str, is_nullable: bool) -> None:
        assert field.struct is not None
        if not is_nullable:
            self.struct(field.struct, value)
            return
        self.flush()
        item = self._source.name("item")
        self._source.line(f"{item} = {value}")
        with self._source.block(f"if {item} is None:"):
            self._source.line('parts.append(b"\\xff")')
        with self._source.block("else:"):
            self._fixed("b", "1")
            self.struct(field.struct, item)
            self.flush()

    def _array(self, field: FieldPlan, value: str) -> None:
        items, size = self._source.name("items"), self._source.name("size")
        self._source.line(f"{items} = {value}")
        if field.is_nullable:
            null = 0 if self._is_flexible else -1
            self._source.line(f"{size} = {null} if {items} is None else len({items}){self._more}")
        else:
            self._source.line(f"{size} = len({items}){self._more}")
        self._length(size, "i")
        if field.kind in _INTEGERS:
            self._part(f'pack_integers("{field.kind.value}", {items}) if {items} else b""')
            return
        self.flush()
        item = self._source.name("item")
        with self._source.block(f"for {item} in {items}{' or ()' if field.is_nullable else ''}:"):
            if field.kind is Kind.STRUCT:
                assert field.struct is not None
                self.struct(field.struct, item)
            else:
                self._single(field, item, is_nullable=False)
            self.flush()
