"""The index of entries, against a dictionary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordwood.raftlog.entries import Entries

steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 3)),
        st.tuples(st.just("add all"), st.integers(0, 3)),
        st.tuples(st.just("from"), st.integers(0, 60)),
        st.tuples(st.just("before"), st.integers(0, 60)),
        st.tuples(st.just("between"), st.tuples(st.integers(0, 60), st.integers(0, 60))),
    ),
    max_size=60,
)


@given(steps=steps, first=st.integers(0, 5))
def test_it_is_a_dictionary_of_indexes(steps, first):
    entries, expected, next_index, position = Entries(), {}, first, 100
    for name, value in steps:
        match name:
            case "add":
                next_index += value - 1
                entries.add(next_index, position, value + 10)
                expected[next_index] = (position, value + 10)
                next_index, position = next_index + 1, position + value + 10
            case "add all":
                places = [position + 7 * number for number in range(value)]
                entries.add_all(range(next_index, next_index + value), places, [7] * value)
                expected |= {next_index + number: (where, 7) for number, where in enumerate(places)}
                next_index, position = next_index + value, position + 7 * value
            case "from":
                cut = [where for index, (where, _) in expected.items() if index >= value]
                assert entries.cut_from(value) == min(cut, default=None)
                expected = {index: place for index, place in expected.items() if index < value}
                next_index = max(expected, default=value - 1) + 1 if cut else next_index
            case "before":
                cut = [where for index, (where, _) in expected.items() if index < value]
                assert entries.cut_before(value) == max(cut, default=None)
                expected = {index: place for index, place in expected.items() if index >= value}
            case _:
                positions, sizes = entries.between(*value)
                found = [place for index, place in expected.items() if value[0] <= index < value[1]]
                assert list(zip(positions, sizes, strict=True)) == found
        assert len(entries) == len(expected)
        assert entries.first_position == min((where for where, _ in expected.values()), default=None)


def test_what_was_handed_out_does_not_change():
    entries = Entries()
    for index in range(5):
        entries.add(index, index * 10, 10)
    positions, sizes = entries.between(1, 4)
    entries.cut_from(0)
    assert list(positions) == [10, 20, 30]
    assert list(sizes) == [10, 10, 10]
