"""Names chosen by a pattern."""

from __future__ import annotations

import click
import pytest

from cordwood.cli.client.patterns import chosen, matcher

NAMES = ["orders-b", "orders-a", "Orders-a", "events", "a.b"]


@pytest.mark.parametrize(
    ("patterns", "is_regex", "wanted"),
    [
        ([], False, ["Orders-a", "a.b", "events", "orders-a", "orders-b"]),
        (["orders-*"], False, ["orders-a", "orders-b"]),
        (["orders-a"], False, ["orders-a"]),
        (["a.b", "e*"], False, ["a.b", "events"]),
        ([r"orders-\w"], True, ["orders-a", "orders-b"]),
        (["orders"], True, []),
        (["a.b|events"], True, ["a.b", "events"]),
        (["none"], False, []),
    ],
)
def test_names(patterns, is_regex, wanted):
    assert chosen(NAMES, patterns, is_regex=is_regex) == wanted


def test_what_is_no_regular_expression():
    with pytest.raises(click.BadParameter, match="is no regular expression: missing"):
        matcher("(", is_regex=True)
