"""A layer is what a changed copy would be, and the mapping beneath stays as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.groups.classic.layer import Layer

KEYS = st.integers(0, 4)
CHANGES = st.lists(st.one_of(st.tuples(st.just("put"), KEYS, st.integers()), st.tuples(st.just("drop"), KEYS, KEYS)))


@given(beneath=st.dictionaries(KEYS, st.integers()), changes=CHANGES)
def test_a_layer_is_a_changed_copy(beneath, changes):
    untouched, copy, layer = dict(beneath), dict(beneath), Layer(beneath)
    for kind, key, value in changes:
        if kind == "put":
            copy[key] = layer[key] = value
        else:
            assert copy.pop(key, None) == layer.pop(key, None)
        assert list(layer.items()) == list(copy.items())
        assert list(layer.values()) == list(copy.values())
        assert len(layer) == len(copy)
        assert (key in layer) == (key in copy)
    assert beneath == untouched


def test_what_is_not_there_cannot_be_read_or_deleted():
    layer = Layer({1: "one"})
    del layer[1]
    with pytest.raises(KeyError):
        layer[1]
    with pytest.raises(KeyError):
        del layer[1]


def test_layers_stand_on_layers():
    lower = Layer({1: "one"})
    upper = Layer(lower)
    upper[2] = "two"
    assert dict(upper) == {1: "one", 2: "two"}
    assert dict(lower) == {1: "one"}
