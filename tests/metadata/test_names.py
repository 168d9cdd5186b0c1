"""What a topic may be called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.metadata.names import check_name, check_open, collision
from cordwood.model.errors import InvalidTopicName


@pytest.mark.parametrize("name", ["a", "a.b_c-D9", "...", "__consumer_offsets", "x" * 249])
def test_good_names(name):
    check_name(name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        (".", "directory"),
        ("..", "directory"),
        ("x" * 250, "longer than 249"),
        ("a b", "other characters"),
        ("a/b", "other characters"),
        ("straße", "other characters"),
        ("a\n", "other characters"),
    ],
)
def test_bad_names(name, reason):
    with pytest.raises(InvalidTopicName, match=reason):
        check_name(name)


@given(st.text(max_size=20))
def test_a_good_name_is_a_good_directory(name):
    try:
        check_name(name)
    except InvalidTopicName:
        return
    assert "/" not in name
    assert name.isascii()
    assert name.strip(".") or len(name) > 2


def test_names_that_metrics_cannot_tell_apart():
    existing = ["a.b", "plain", "c_d_e"]
    assert collision("a_b", existing) == "a.b"
    assert collision("c.d_e", existing) == "c_d_e"
    assert collision("a.b", existing) is None
    assert collision("plain", existing) is None
    assert collision("a.c", existing) is None


def test_the_clusters_own_topics_are_not_for_clients_to_write():
    check_open("orders")
    for name in ("__consumer_offsets", "__transaction_state"):
        with pytest.raises(InvalidTopicName, match="only the cluster itself"):
            check_open(name)
