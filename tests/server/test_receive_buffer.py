"""The receive buffer keeps the waiting bytes whatever comes, and its room is never empty."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordwood.server.receive_buffer import INITIAL_SIZE_BYTES, ROOM_MINIMUM_BYTES, ReceiveBuffer


def put(buffer: ReceiveBuffer, data: bytes) -> None:
    while data:
        room = buffer.room()
        count = min(len(room), len(data))
        room[:count] = data[:count]
        buffer.received(count)
        data = data[count:]
        buffer.reserve(buffer.end - buffer.start + len(data))


def waiting(buffer: ReceiveBuffer) -> bytes:
    return bytes(buffer.view[buffer.start : buffer.end])


@given(st.lists(st.tuples(st.integers(1, 200_000), st.integers(0, 100)), max_size=12))
def test_bytes_come_out_as_they_went_in(steps: list[tuple[int, int]]) -> None:
    buffer = ReceiveBuffer()
    model = b""
    for number, (count, percent) in enumerate(steps):
        data = bytes([number % 251]) * count
        put(buffer, data)
        model += data
        assert waiting(buffer) == model
        used = len(model) * percent // 100
        buffer.start += used
        model = model[used:]
        buffer.reserve(4)
        assert waiting(buffer) == model
        assert len(buffer.room()) > 0


def test_an_empty_buffer_starts_over_in_the_same_memory() -> None:
    buffer = ReceiveBuffer()
    put(buffer, b"x" * 1000)
    buffer.start = buffer.end
    buffer.reserve(4)
    assert (buffer.start, buffer.end, buffer.capacity) == (0, 0, INITIAL_SIZE_BYTES)


def test_a_large_frame_gets_room_and_gives_it_back() -> None:
    buffer = ReceiveBuffer()
    put(buffer, b"abcd")
    buffer.reserve(1_000_000)
    assert buffer.capacity >= 1_000_000
    assert waiting(buffer) == b"abcd"
    buffer.shrink()
    assert waiting(buffer) == b"abcd", "waiting bytes keep the memory"
    buffer.start = buffer.end
    buffer.shrink()
    assert buffer.capacity == INITIAL_SIZE_BYTES


def test_little_room_at_the_end_moves_the_rest_to_the_front() -> None:
    buffer = ReceiveBuffer()
    put(buffer, bytes(range(256)) * (INITIAL_SIZE_BYTES // 256 - 1))
    buffer.start = buffer.end - 10
    buffer.received(len(buffer.room()) - ROOM_MINIMUM_BYTES // 2 if len(buffer.room()) > ROOM_MINIMUM_BYTES else 0)
    expected = waiting(buffer)
    buffer.reserve(4)
    assert buffer.start == 0
    assert waiting(buffer) == expected
