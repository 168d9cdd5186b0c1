"""What is shown, and for how long; never more than the bounds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cordwood.telemetry.exposition import Family, Sample
from cordwood.telemetry.otlp import Kind
from cordwood.telemetry.series import Series

A, B = b"a" * 16, b"b" * 16


def gauge(value: float, labels: bytes = b'x="1"', name: str = "g") -> Sample:
    return Sample(name, Kind.GAUGE, False, labels, value)


def counter(value: float, labels: bytes = b'x="1"', *, is_delta: bool = True) -> Sample:
    return Sample("c_total", Kind.COUNTER, is_delta, labels, value)


def shown(series: Series) -> dict[tuple[str, bytes], float]:
    return {(family.name, labels): value for family in series.families() for labels, value in family.rows}


def test_gauges_are_replaced_and_deltas_added_up():
    series = Series(10, 10)
    for number in (1.0, 2.0):
        assert series.keep(A, [gauge(number), counter(number)], 100) == 0
    assert shown(series) == {("g", b'x="1"'): 2.0, ("c_total", b'x="1"'): 3.0}
    series.keep(A, [counter(7.0, is_delta=False)], 100)
    assert shown(series)["c_total", b'x="1"'] == 7.0


def test_families_tell_their_kind():
    series = Series(10, 10)
    series.keep(A, [gauge(1.0), counter(2.0)], 100)
    assert series.families() == [Family("g", False, [(b'x="1"', 1.0)]), Family("c_total", True, [(b'x="1"', 2.0)])]


def test_a_family_has_one_kind_as_long_as_it_lives():
    series = Series(10, 10)
    series.keep(A, [gauge(1.0)], 100)
    other = Sample("g", Kind.COUNTER, True, b'x="2"', 5.0)
    assert series.keep(B, [other], 200) == 1
    series.expire(100)
    assert series.keep(B, [other], 200) == 0


def test_a_client_that_falls_silent_is_shown_no_more():
    series = Series(10, 10)
    series.keep(A, [gauge(1.0)], 100)
    series.keep(B, [gauge(2.0, b'x="2"')], 200)
    series.keep(A, [gauge(3.0)], 150)
    series.expire(149)
    assert len(series) == 2
    series.expire(150)
    assert shown(series) == {("g", b'x="2"'): 2.0}
    series.expire(200)
    assert len(series) == 0
    assert series.families() == []


def test_no_client_has_more_series_than_its_share():
    series = Series(10, 2)
    many = [gauge(1.0, b'x="%d"' % number) for number in range(5)]
    assert series.keep(A, many, 100) == 3
    # Those that are there go on.
    assert series.keep(A, many, 100) == 3
    assert len(series) == 2


def test_all_clients_together_have_no_more_series_than_the_limit():
    series = Series(3, 2)
    for number in range(1000):
        series.keep(number.to_bytes(16, "big"), [gauge(1.0, b'x="%d"' % number)], 100)
    assert len(series) == 3
    assert len(shown(series)) == 3
    # Nothing is remembered of those that found no room.
    assert len(series._pushers) == 3
    series.expire(100)
    assert series.keep(A, [gauge(1.0)], 200) == 0


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 4),
            st.lists(st.tuples(st.sampled_from("gh"), st.sampled_from(list(Kind)), st.integers(0, 3)), max_size=6),
            st.integers(0, 50),
        ),
        max_size=20,
    )
)
def test_the_bounds_hold_and_the_count_is_true(steps: list[tuple[int, list[tuple[str, Kind, int]], int]]):
    series = Series(6, 3)
    now_ms = 0
    for client, values, passed in steps:
        now_ms += passed
        series.expire(now_ms)
        made = [Sample(name, kind, False, b"%d,%d" % (client, labels), 1.0) for name, kind, labels in values]
        series.keep(client.to_bytes(16, "big"), made, now_ms + 100)
        assert len(series) == sum(len(family.rows) for family in series.families()) <= 6
        assert all(family.rows for family in series.families())
        assert all(0 < len(pusher.keys) <= 3 for pusher in series._pushers.values())
    series.expire(now_ms + 100)
    assert len(series) == 0
    assert not series._values
    assert not series._pushers
