"""What hypothesis draws for the tests of records: records as real producers send them, and worse."""

from __future__ import annotations

from hypothesis import strategies as st

from cordwood.records.record import Record

# Sizes around the places where a length takes another byte: 64 and 8192.
sizes = st.one_of(st.integers(0, 70), st.sampled_from([63, 64, 127, 128, 8191, 8192, 16383, 16384]))
fields = st.none() | st.binary(max_size=80) | sizes.map(bytes)
timestamps = st.integers(0, 1 << 42) | st.integers(1_700_000_000_000, 1_700_000_000_500)
headers = st.lists(st.tuples(st.text(max_size=20), st.none() | st.binary(max_size=40)), max_size=4).map(tuple)


@st.composite
def record_lists(draw: st.DrawFn, min_size: int = 1, max_size: int = 12) -> list[Record]:
    """Records with the offsets 0, 1, 2 ..."""
    rows = draw(
        st.lists(st.tuples(timestamps, fields, fields, st.just(()) | headers), min_size=min_size, max_size=max_size)
    )
    return [Record(offset, *row) for offset, row in enumerate(rows)]


@st.composite
def mutations(draw: st.DrawFn, original: bytes) -> bytes:
    """The bytes with a few of them changed, cut out or doubled."""
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, max(0, len(data) - 1)))
        end = draw(st.integers(start, min(len(data), start + 8)))
        data[start:end] = draw(st.binary(max_size=8))
    return bytes(data)
