"""Every message and version that is declared, byte for byte against kio, whose classes are made from Kafka's schemas."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import uuid
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kio.index import load_payload_module
from kio.schema.errors import ErrorCode as KioErrorCode
from kio.serial import entity_reader, entity_writer
from kio.static.constants import EntityType

from cordwood.wire.compiler import decoder, encode_message
from cordwood.wire.errors import ErrorCode
from cordwood.wire.frame import join
from cordwood.wire.plan import FieldPlan, StructPlan, plan
from cordwood.wire.schema import NO_UUID, Message
from tests.wire.samples import DIFFERENTIAL, integers, kafka_messages, messages, title

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MILLISECOND = dt.timedelta(milliseconds=1)

# kio has types of its own for some numbers, which cannot hold all of them; its times lose milliseconds when they are late.
NARROWED = {
    "error_code": st.sampled_from([int(code) for code in KioErrorCode]),
    "timedelta_i32": integers(32),
    "timedelta_i64": integers(48),
    "datetime_i64": st.integers(0, 1 << 42),
}


def kio_class(cls: type[Message], version: int) -> Any:
    """The class of kio for a message at a version."""
    is_request = cls.__name__.endswith("Request")
    kinds: dict[bool, Any] = {True: EntityType.request, False: EntityType.response}
    return getattr(load_payload_module(cls.api_key, version, kinds[is_request]), cls.__name__)


def pairs(layout: StructPlan, theirs: Any) -> list[tuple[FieldPlan, dataclasses.Field[Any]]]:
    """Our fields beside those of kio: both stand in the order of Kafka's schema."""
    ours = [field for field in layout.fields if field.is_present]
    return list(zip(ours, dataclasses.fields(theirs), strict=True))


def kio_types(layout: StructPlan, theirs: Any) -> dict[tuple[str, str], str]:
    """What kio takes each field for, by the names of its structure and its own."""
    found: dict[tuple[str, str], str] = {}
    for ours, field in pairs(layout, theirs):
        if ours.struct is not None:
            found |= kio_types(ours.struct, element_class(field.type))
        else:
            found[layout.cls.__name__, ours.name] = field.metadata["kafka_type"]
    return found


def element_class(hint: Any) -> Any:
    """The structure in `X`, `X | None`, `tuple[X, ...]` or `tuple[X, ...] | None`."""
    if dataclasses.is_dataclass(hint):
        return hint
    return next(found for one in get_args(hint) if one is not type(None) for found in [element_class(one)])


def visible(item: Any, layout: StructPlan) -> list[Any]:
    """The values of the fields that the version has, in order, as plain values."""
    return [
        comparable(getattr(item, field.name), lambda value, field=field: visible(value, field.struct))
        for field in layout.fields
        if field.is_present
    ]


def translated(entity: Any, layout: StructPlan) -> list[Any]:
    """The same for an object of kio."""
    return [
        comparable(getattr(entity, field.name), lambda value, ours=ours: translated(value, ours.struct))
        for ours, field in pairs(layout, type(entity))
    ]


def comparable(value: Any, struct: Any) -> Any:
    """A value without the types that are particular to either side."""
    match value:
        case list() | tuple():
            return [comparable(one, struct) for one in value]
        case memoryview() | bytes():
            return None if value == NO_UUID else bytes(value)
        case uuid.UUID():
            return value.bytes
        case dt.timedelta():
            return value // MILLISECOND
        case dt.datetime():
            return (value - EPOCH) // MILLISECOND
        case None | int() | float() | str():
            return value
        case _:
            return struct(value)


@pytest.mark.parametrize(("cls", "version"), kafka_messages(), ids=title)
def test_bytes_are_those_of_kio(cls, version):
    theirs, layout = kio_class(cls, version), plan(cls, version)
    types = kio_types(layout, theirs)
    read, write, decode = entity_reader(theirs), entity_writer(theirs), decoder(cls, version)

    @DIFFERENTIAL
    @given(messages(cls, version, lambda part, field: NARROWED.get(types.get((part.cls.__name__, field.name), ""))))
    def agree(message):
        wire = join(encode_message(message, version))
        entity, size = read(wire, 0)
        assert size == len(wire)
        assert translated(entity, layout) == visible(message, layout)
        out = io.BytesIO()
        write(out, entity)
        assert out.getvalue() == wire
        assert decode(memoryview(wire), 0) == (message, len(wire))

    agree()


def test_error_codes_are_those_of_kio():
    assert [(code.name, int(code), code.retriable) for code in ErrorCode] == [
        (code.name.upper(), int(code), code.retriable) for code in KioErrorCode
    ]
