"""Every record that is stored comes back as it was; what nobody knows is passed over."""

from __future__ import annotations

import pytest

from cordwood.coordinator.stored.codec import LAYOUTS, decode, encode
from cordwood.groups.classic.replay import REPLAYS as CLASSIC_REPLAYS
from cordwood.groups.consumer.replay import REPLAYS as CONSUMER_REPLAYS
from cordwood.groups.record import Record
from cordwood.model.errors import ProtocolError
from tests.coordinator.stored.samples import SAMPLES


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: type(record).__name__)
def test_a_record_comes_back(record):
    key, value = encode(record)
    assert decode(key, value) == record


def test_there_is_a_sample_of_each():
    kinds = {kind for layout in LAYOUTS for kind in (layout.stores, layout.removes)}
    assert {type(record) for record in SAMPLES} == kinds


def test_whatever_is_stored_can_be_written():
    kinds = {kind for layout in LAYOUTS for kind in (layout.stores, layout.removes)}
    replayed: list[type[Record]] = [*CLASSIC_REPLAYS, *CONSUMER_REPLAYS]
    assert {kind for kind in replayed if kind.stored} <= kinds


def test_a_record_of_a_later_kafka_is_passed_over():
    assert decode(b"\x03\xe7whatever", b"whatever") is None


@pytest.mark.parametrize(("key", "value"), [(b"", b""), (b"\0\1\0\5g", None), (b"\0\2\0\1g", b"\0\x09")])
def test_what_cannot_be_read_is_an_error(key, value):
    with pytest.raises(ProtocolError):
        decode(key, value)
