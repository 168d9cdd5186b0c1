"""Random messages: for any class and version, a strategy of messages that only hold what the version can say.

Lives here: strategies. Must not live here: tests. Values that another library cannot hold (an error code that is none, a
time beyond the year 9999) are left out by `narrow`, which sees every field by the library's own description.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from cordwood.wire.apis import DECLARED
from cordwood.wire.plan import FieldPlan, StructPlan, plan
from cordwood.wire.schema import Format, Kind, Message

Narrow: TypeAlias = Callable[[StructPlan, FieldPlan], st.SearchStrategy[Any] | None]
"""A strategy for the values of one field that replaces the usual one, or None."""

# The cases are many, so each gets a share of the examples of the profile.
DIFFERENTIAL: Final = settings(
    max_examples=settings().max_examples // 6,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def kafka_messages() -> list[tuple[type[Message], int]]:
    """Every message and version of Kafka's that the table has, whether it is served or not."""
    return [(cls, version) for cls, version in declared_messages() if not DECLARED[cls.api_key].is_private]


def declared_messages() -> list[tuple[type[Message], int]]:
    """Every message and version that the table has, Cordwood's own among them."""
    return [
        (cls, version)
        for api in DECLARED.values()
        for cls in (api.request, api.response)
        for version in range(api.served.first, api.served.last + 1)
    ]


def title(pair: object) -> str:
    """The name of a case in the test report."""
    return pair.__name__ if isinstance(pair, type) else f"v{pair}"


def messages(cls: type[Format], version: int, narrow: Narrow = lambda _layout, _field: None) -> st.SearchStrategy[Any]:
    """Messages of a class whose fields are those of the version."""
    return _structs(plan(cls, version), narrow)


def _structs(layout: StructPlan, narrow: Narrow) -> st.SearchStrategy[Any]:
    fields = {field.name: _values(layout, field, narrow) for field in layout.fields if field.is_present}
    return st.builds(layout.cls, **fields)


def _values(layout: StructPlan, field: FieldPlan, narrow: Narrow) -> st.SearchStrategy[Any]:
    single = narrow(layout, field)
    if single is None:
        single = _structs(field.struct, narrow) if field.struct is not None else _PLAIN[field.kind]
    values = st.lists(single, max_size=2) if field.is_array else single
    if field.is_nullable:
        values = st.none() | values
    if field.tag is not None:
        values = st.just(field.default) | values
    return values


def integers(bits: int) -> st.SearchStrategy[int]:
    """Signed integers of a width."""
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


# The sizes lie around those at which a varint takes one byte more.
_SIZES: Final = st.sampled_from([0, 1, 126, 127, 128, 16382, 16383, 16384])
_PLAIN: Final[dict[Kind, st.SearchStrategy[Any]]] = {
    Kind.BOOL: st.booleans(),
    Kind.INT8: integers(8),
    Kind.INT16: integers(16),
    Kind.INT32: integers(32),
    Kind.INT64: integers(64),
    Kind.UINT16: st.integers(0, (1 << 16) - 1),
    Kind.FLOAT64: st.floats(allow_nan=False),
    Kind.UUID: st.binary(min_size=16, max_size=16),
    Kind.STRING: st.text(max_size=4) | _SIZES.map(lambda size: "ä" * (size // 2) + "x" * (size % 2)),
    Kind.BYTES: _SIZES.map(lambda size: bytes(size)) | st.binary(max_size=8),
    Kind.RECORDS: _SIZES.map(lambda size: memoryview(bytes(size)))
    | st.binary(max_size=8).map(lambda data: memoryview(data)),
}
