"""From records of groups to keys and values in bytes, and back.

    encode(record)       -> key, value; the value is None for a record that removes something
    decode(key, value)   -> record, or None for one of a type that this broker does not know and passes over

Lives here: the table of all kinds. Must not live here: their fields.
"""

from __future__ import annotations

from typing import Final

from cordwood.coordinator.stored.classic import CLASSIC
from cordwood.coordinator.stored.consumer import CONSUMER
from cordwood.coordinator.stored.layout import Layout
from cordwood.coordinator.stored.offsets import OFFSETS
from cordwood.model.decision import Record
from cordwood.wire.schema import Format
from cordwood.wire.stored.codec import GROUP_RECORDS, UnknownRecordType

LAYOUTS: Final = (OFFSETS, CLASSIC, *CONSUMER)

_STORING: Final[dict[type[Record], Layout]] = {layout.stores: layout for layout in LAYOUTS}
_REMOVING: Final[dict[type[Record], Layout]] = {layout.removes: layout for layout in LAYOUTS}
_READING: Final[dict[type[Format], Layout]] = {layout.key: layout for layout in LAYOUTS}


def encode(record: Record) -> tuple[bytes, bytes | None]:
    """Key and value of a stored record."""
    layout = _STORING.get(type(record))
    if layout is None:
        return GROUP_RECORDS.encode_key(_REMOVING[type(record)].key_of(record)), None
    value, version = layout.value_of(record)
    return GROUP_RECORDS.encode_key(layout.key_of(record)), GROUP_RECORDS.encode_value(value, version)


def decode(key: bytes, value: bytes | None) -> Record | None:
    """The record of a key and a value. Raises ProtocolError for bytes that are not what their type says."""
    try:
        found, content = GROUP_RECORDS.decode(key, value)
    except UnknownRecordType:
        return None
    layout = _READING[type(found)]
    return layout.removed(found) if content is None else layout.stored(found, content)
