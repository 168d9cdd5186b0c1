"""Encoders write the bytes that the protocol guide describes: old and flexible, tagged fields, parts without copies."""

from __future__ import annotations

from typing import Annotated

from cordwood.wire.encode import generate_encoder, generate_encoder_source
from cordwood.wire.plan import plan
from cordwood.wire.schema import (
    NO_UUID,
    DefaultStruct,
    Int8,
    Int16,
    Int32,
    Int64,
    Message,
    Records,
    Struct,
    Uuid,
    Versions,
    since,
    tagged,
)


class Leader(DefaultStruct, frozen=True):
    id: Int32 = -1


class Item(Struct):
    name: str = ""
    size: Int16 = 0


class Sample(Message):
    """A message with one of everything; version 1 is flexible."""

    api_key = 0
    versions = Versions(0, 1)
    flexible_from = 1

    small: Int8 = 0
    large: Int64 = 0
    flag: bool = False
    id: Uuid = NO_UUID
    title: str | None = None
    names: list[str] = []
    numbers: list[Int32] | None = None
    items: list[Item] = []
    records: Records | None = None
    only: Item | None = None
    leader: Annotated[Leader, tagged(1, since=1)] = Leader()
    epoch: Annotated[Int64, tagged(0, since=1)] = -1
    label: Annotated[str | None, tagged(2, since=1)] = None
    nodes: Annotated[list[Item], tagged(300, since=1)] = []
    late: Annotated[Int8, since(1)] = 9


def encoded(message, version):
    parts: list[bytes] = []
    generate_encoder(plan(Sample, version), "a sample")(message, parts)
    return b"".join(parts)


def test_a_message_of_defaults():
    assert encoded(Sample(), 0) == bytes.fromhex(
        "00 0000000000000000 00" + "00" * 16 + "ffff 00000000 ffffffff 00000000 ffffffff ff"
    )
    assert encoded(Sample(), 1) == bytes.fromhex("00 0000000000000000 00" + "00" * 16 + "00 01 00 01 00 ff 09 00")


FULL = Sample(
    small=-1,
    large=2,
    flag=True,
    id=bytes(range(16)),
    title="ä",
    names=["a", ""],
    numbers=[1, -1],
    items=[Item("b", 3), Item("", -1)],
    records=b"rrr",
    only=Item("o", 1),
)


def test_the_old_encoding():
    assert encoded(FULL, 0) == bytes.fromhex(
        "ff 0000000000000002 01 000102030405060708090a0b0c0d0e0f"
        "0002 c3a4  00000002 0001 61 0000  00000002 00000001 ffffffff"
        "00000002 0001 62 0003 0000 ffff  00000003 727272  01 0001 6f 0001"
    )


def test_the_flexible_encoding():
    assert encoded(FULL, 1) == bytes.fromhex(
        "ff 0000000000000002 01 000102030405060708090a0b0c0d0e0f"
        "03 c3a4  03 02 61 01  03 00000001 ffffffff"
        "03 02 62 0003 00 01 ffff 00  04 727272  01 02 6f 0001 00  09 00"
    )


def test_tagged_fields_are_written_in_the_order_of_their_tags_and_only_if_they_say_something():
    message = Sample(leader=Leader(5), epoch=7, label="l", nodes=[Item("n", 1)])
    tail = encoded(message, 1).removeprefix(encoded(Sample(), 1)[:-1])
    assert tail == bytes.fromhex("04  00 08 0000000000000007  01 05 00000005 00  02 02 02 6c  ac02 06 02 02 6e 0001 00")
    assert encoded(Sample(leader=Leader(-1), epoch=-1, nodes=[]), 1) == encoded(Sample(), 1)


def test_long_values_have_long_lengths():
    message = Sample(title="x" * 200, names=["y"] * 130, records=bytes(20000))
    wire = encoded(message, 1)
    assert b"\xc9\x01" + b"x" * 200 in wire
    assert b"\x83\x01" + b"\x02y" * 130 in wire
    assert b"\xa1\x9c\x01" + bytes(20000) in wire


def test_records_are_not_copied():
    payload = memoryview(bytearray(1000))
    parts: list[object] = []
    generate_encoder(plan(Sample, 0), "a sample")(Sample(records=payload), parts)
    assert any(part is payload for part in parts)


def test_neighbours_are_packed_by_one_call():
    text = generate_encoder_source(plan(Sample, 0)).text()
    assert "pack_bqT16sh(message.small, message.large, message.flag, message.id, " in text
