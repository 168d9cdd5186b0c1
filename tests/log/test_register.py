"""The register of logs: its bytes, and when a row of it counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.env.memory_disk import MemoryDisk
from cordwood.log import checkpoint
from cordwood.log.at_rest import AtRest
from cordwood.log.backend import DOUBT_NAME
from cordwood.log.register import (
    REGISTER,
    REGISTER_NAME,
    Row,
    decode_register,
    encode_register,
    is_as_registered,
    load_register,
    store_register,
)
from cordwood.model.errors import CorruptLog
from cordwood.model.ids import TopicPartition
from tests.log.kit import SMALL, World, batch

NUMBERS = st.integers(0, (1 << 63) - 1)
FACTS = st.builds(
    AtRest,
    topic_id=st.binary(min_size=16, max_size=16),
    start_offset=NUMBERS,
    end_offset=NUMBERS,
    size_bytes=NUMBERS,
    segment_count=st.integers(0, (1 << 32) - 1),
    active_base=NUMBERS,
    active_bytes=NUMBERS,
    oldest_bytes=NUMBERS,
    oldest_ms=NUMBERS,
    is_made=st.just(True),
)
NAMES = st.builds(TopicPartition, st.text(min_size=1, max_size=9), st.integers(0, (1 << 31) - 1))
ROWS = st.dictionaries(NAMES, st.builds(Row, st.sampled_from(["/a", "/b", "/ü/c"]), FACTS, st.booleans()), max_size=5)


def test_it_is_written_as_it_always_was():
    """`golden/register` holds one."""
    topic_id = bytes(range(16))
    rows = {
        TopicPartition("orders", 0): Row("/data/one", AtRest(topic_id, 4, 83, 4567, 4, 70, 890, 1234, 5000)),
        TopicPartition("orders", 1): Row("/data/two", AtRest(topic_id, 0, 7), rests=False),
    }
    written = (Path(__file__).parents[1] / "golden" / "register" / "cordwood_logs").read_bytes()
    assert checkpoint.encode(REGISTER, encode_register(rows)) == written
    assert decode_register(checkpoint.decode(REGISTER, written, "x"), "x") == rows


@given(ROWS)
def test_what_is_written_is_read(rows):
    assert decode_register(encode_register(rows), "x") == rows


@given(ROWS, st.integers(0, 999), st.integers(0, 255))
def test_damage_is_told_and_nothing_else_is_raised(rows, at, byte):
    data = bytearray(encode_register(rows))
    data[at % len(data)] = byte
    for damaged in (data, data[: at % len(data)]):
        try:
            decode_register(bytes(damaged), "x")
        except CorruptLog as error:
            assert error.path == "x"  # noqa: PT017 - it need not be raised


def test_without_a_sound_file_there_are_no_rows():
    disk = MemoryDisk()
    assert load_register(disk, "/mem/none") == {}
    disk.make_directory("/mem/one")
    assert load_register(disk, "/mem/one") == {}
    rows = {TopicPartition("t", 1): Row("/mem/one", AtRest(end_offset=3))}
    store_register(disk, "/mem/one", encode_register(rows))
    assert load_register(disk, "/mem/one") == rows
    disk.open(f"/mem/one/{REGISTER_NAME}").write([b"!"], 20)
    assert load_register(disk, "/mem/one") == {}


def cut_short(world):
    world.store(world.backend().list(".log")[-1]).truncate(0)


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.open().append(b"x"),
        lambda world: world.open().truncate(20),
        lambda world: world.open().truncate_before(2),
        lambda world: world.open().set_topic_id(b"t" * 16),
        lambda world: world.segment(40),
        lambda world: world.disk.unlink(f"{world.path}/partition.meta"),
        lambda world: world.replace("partition.meta", b"rubbish"),
        lambda world: world.replace(DOUBT_NAME, b""),
        lambda world: world.replace(f"{0:020d}-{9:020d}.log.swap", b""),
        lambda world: world.replace(f"{0:020d}.idx.1.deleted", b""),
        cut_short,
    ],
)
def test_a_row_counts_only_for_the_files_that_it_was_made_of(change):
    world = World(SMALL)
    log = world.open()
    for _ in range(30):
        log.append_batch(batch(), 0)
    log.checkpoint()
    facts = log.facts()
    log.close()
    assert is_as_registered(world.disk, world.path, facts)
    change(world)
    assert not is_as_registered(world.disk, world.path, facts)


def test_a_missing_directory_is_not_as_registered():
    assert not is_as_registered(MemoryDisk(), "/mem/none", AtRest(end_offset=1))
