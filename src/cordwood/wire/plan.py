"""Reads the declaration of a message for one version: which fields are on the wire, in which order, as what.

Lives here: `plan(cls, version)`, from annotations to a tree of `StructPlan`. Must not live here: generated code.
"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Final, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

from cordwood.wire.schema import ALL_VERSIONS, DefaultStruct, Format, Kind, Nullable, Struct, Tagged, Versions

_PLAIN_KINDS: Final[dict[object, Kind]] = {bool: Kind.BOOL, str: Kind.STRING, bytes: Kind.BYTES, float: Kind.FLOAT64}
_LENGTH_SIZES: Final = {Kind.STRING: 2, Kind.BYTES: 4, Kind.RECORDS: 4}


class FieldPlan(NamedTuple):
    """One field in one version."""

    name: str
    kind: Kind
    is_array: bool
    is_nullable: bool
    struct: StructPlan | None
    """The structure of a field, or of the elements of an array, of `Kind.STRUCT`."""
    default: object
    tag: int | None
    is_present: bool
    """Whether this version has the field; a decoder fills in the default where it has not."""
    element_size_bytes: int
    """The fewest bytes that one value (of an array: one element) takes: the bound on lengths that come from outside."""


class StructPlan(NamedTuple):
    """One structure in one version."""

    cls: type[Struct | DefaultStruct]
    fields: tuple[FieldPlan, ...]
    is_flexible: bool

    @property
    def untagged(self) -> list[FieldPlan]:
        """The fields that are on the wire in order."""
        return [field for field in self.fields if field.is_present and field.tag is None]

    @property
    def tagged(self) -> list[FieldPlan]:
        """The tagged fields, in the order of their tags."""
        found = [field for field in self.fields if field.is_present and field.tag is not None]
        return sorted(found, key=lambda field: field.tag or 0)

    @property
    def minimum_size_bytes(self) -> int:
        """The fewest bytes that the structure can take on the wire, at least one."""
        size = 1 if self.is_flexible else 0
        for field in self.untagged:
            if field.is_array:
                size += 1 if self.is_flexible else 4
            elif field.kind is Kind.STRUCT and field.is_nullable:
                size += 1
            else:
                size += field.element_size_bytes
        return max(size, 1)


def plan(cls: type[Format], version: int) -> StructPlan:
    """The layout of a message at a version; the caller has checked that the version is one of the message's."""
    return _plan_struct(cls, version, version >= cls.flexible_from)


def _plan_struct(cls: type[Struct | DefaultStruct], version: int, is_flexible: bool) -> StructPlan:
    hints = get_type_hints(cls, include_extras=True)
    fields = tuple(
        _plan_field(info.name, hints[info.name], _default_of(info), version, is_flexible)
        for info in msgspec.structs.fields(cls)
    )
    return StructPlan(cls, fields, is_flexible)


def _default_of(info: msgspec.structs.FieldInfo) -> object:
    if info.default_factory is not msgspec.NODEFAULT:
        return info.default_factory()
    assert info.default is not msgspec.NODEFAULT, f"field {info.name} has no default"
    return info.default


def _plan_field(name: str, hint: object, default: object, version: int, is_flexible: bool) -> FieldPlan:
    hint, marks = _unwrap(hint)
    versions, tag = ALL_VERSIONS, None
    for mark in marks:
        if isinstance(mark, Tagged):
            versions, tag = mark.versions, mark.number
        elif isinstance(mark, Versions):
            versions = mark
    hint, inner_marks, is_optional = _without_none(hint)
    marks += inner_marks
    is_nullable = is_optional and _nullable_versions(marks).holds(version)
    is_array = get_origin(hint) is list
    if is_array:
        hint, marks = _unwrap(get_args(hint)[0])
    kind = _kind_of(hint, marks)
    is_present = versions.holds(version)
    struct = None
    if kind is Kind.STRUCT and is_present:
        assert isinstance(hint, type)
        struct = _plan_struct(hint, version, is_flexible)
    size = _element_size(kind, struct, is_flexible)
    return FieldPlan(name, kind, is_array, is_nullable, struct, default, tag, is_present, size)


def _element_size(kind: Kind, struct: StructPlan | None, is_flexible: bool) -> int:
    if struct is not None:
        return struct.minimum_size_bytes
    if kind.size_bytes is not None:
        return kind.size_bytes
    return 1 if is_flexible else _LENGTH_SIZES.get(kind, 1)


def _unwrap(hint: object) -> tuple[Any, list[object]]:
    """A type without its annotations, and these."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        return inner, marks
    return hint, []


def _without_none(hint: object) -> tuple[Any, list[object], bool]:
    """`X` for `X | None`, with the annotations inside it, and whether None was there."""
    if get_origin(hint) not in (Union, UnionType):
        return hint, [], False
    (inner,) = [one for one in get_args(hint) if one is not NoneType]
    inner, marks = _unwrap(inner)
    return inner, marks, True


def _nullable_versions(marks: list[object]) -> Versions:
    return next((mark.versions for mark in marks if isinstance(mark, Nullable)), ALL_VERSIONS)


def _kind_of(hint: object, marks: list[object]) -> Kind:
    for mark in marks:
        if isinstance(mark, Kind):
            return mark
    if isinstance(hint, type) and issubclass(hint, (Struct, DefaultStruct)):
        return Kind.STRUCT
    return _PLAIN_KINDS[hint]
