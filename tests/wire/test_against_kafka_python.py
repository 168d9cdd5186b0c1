"""Every message and version that is declared, byte for byte against the classes of kafka-python 3.

A second opinion, made from Kafka's schemas by other people; it reads what we wrote, and writes it again.
"""

from __future__ import annotations

import uuid
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.wire.apis import DECLARED
from cordwood.wire.compiler import decoder, encode_message
from cordwood.wire.frame import join
from cordwood.wire.messages.api_versions import ApiVersionsResponse
from cordwood.wire.plan import FieldPlan, StructPlan, plan
from cordwood.wire.schema import NO_UUID, Message
from tests.wire.samples import DIFFERENTIAL, kafka_messages, messages, title

# kafka-python reads its schemas by a function that Python 3.11 calls old.
with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
    from kafka.protocol import admin, consumer, metadata, producer

PACKAGES = (metadata, producer, consumer, admin)

# kafka-python takes these numbers apart into sets of bits.
BIT_FIELDS = {"topic_authorized_operations", "cluster_authorized_operations", "authorized_operations"}


def narrow(layout: StructPlan, field: FieldPlan) -> st.SearchStrategy[Any] | None:
    """No error in ApiVersions: kafka-python reads one as version 0, as a client must that sees its version refused."""
    is_error = layout.cls is ApiVersionsResponse and field.name == "error_code"
    return st.just(0) if is_error else None


# What kafka-python does not speak: KIP-848, KIP-714, KIP-853, delegation tokens and the end of a broker.
UNKNOWN = {
    "ConsumerGroupHeartbeat",
    "ConsumerGroupDescribe",
    "GetTelemetrySubscriptions",
    "PushTelemetry",
    "AddRaftVoter",
    "RemoveRaftVoter",
    "CreateDelegationToken",
    "RenewDelegationToken",
    "ExpireDelegationToken",
    "DescribeDelegationToken",
    "UnregisterBroker",
}


def known_messages() -> list[tuple[type[Message], int]]:
    """What kafka-python has of the messages that are declared."""
    return [(cls, version) for cls, version in kafka_messages() if DECLARED[cls.api_key].name not in UNKNOWN]


def their_class(cls: type[Message]) -> Any:
    """The class of kafka-python of the same name."""
    return next(getattr(module, cls.__name__) for module in PACKAGES if hasattr(module, cls.__name__))


def assert_same(ours: Any, theirs: Any, layout: StructPlan) -> None:
    """Both sides hold the same values in the fields of the version."""
    for field in layout.fields:
        if not field.is_present or field.name in BIT_FIELDS:
            continue
        mine, other = getattr(ours, field.name), getattr(theirs, field.name)
        if field.tag is not None and mine == field.default and other is None:
            continue  # a structure that was left out on the wire
        if field.struct is None:
            assert comparable(mine) == comparable(other), field.name
            continue
        assert (mine is None) == (other is None), field.name
        for one, another in zip(elements(mine), elements(other), strict=True):
            assert_same(one, another, field.struct)


def elements(value: Any) -> list[Any]:
    """The structures of an array, or the one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def comparable(value: Any) -> Any:
    """A value without the types that are particular to either side."""
    match value:
        case uuid.UUID():
            return value.bytes
        case memoryview() | bytes():
            return None if value == NO_UUID else bytes(value)
        case _:
            return value


@pytest.mark.parametrize(("cls", "version"), known_messages(), ids=title)
def test_bytes_are_those_of_kafka_python(cls, version):
    theirs, layout, decode = their_class(cls), plan(cls, version), decoder(cls, version)

    @DIFFERENTIAL
    @given(messages(cls, version, narrow))
    def agree(message):
        wire = join(encode_message(message, version))
        read = theirs.decode(wire, version=version)
        assert_same(message, read, layout)
        read._header = None  # its decoder leaves this out, and its encoder asks for it
        assert bytes(read.encode(version=version)) == wire
        assert decode(memoryview(wire), 0) == (message, len(wire))

    agree()
