"""Regular expressions of RE2: their check, and what they stand for."""

from __future__ import annotations

import pytest

from cordwood.model.group_errors import InvalidRegularExpression
from cordwood.model.regex import check, is_readable, matcher, resolve
from tests.verdict import verdict


@pytest.mark.parametrize("pattern", ["orders", "orders-.*", "^(a|b)$", "(?i)ORDERS", r"\d+\.\w*", "[[:alpha:]]+"])
def test_what_re2_reads_passes(pattern):
    assert verdict(check, pattern) is None
    assert is_readable(pattern)


@pytest.mark.parametrize(
    "pattern", ["(", "[", "a**", "(?=a)", r"(a)\1", "a{99999}", "((a{1000}){100}){100}", "(?:[^\\x00]{900}){9}"]
)
def test_what_it_does_not_read_is_refused(pattern):
    with pytest.raises(InvalidRegularExpression) as caught:
        check(pattern)
    assert caught.value.pattern == pattern
    assert not is_readable(pattern)


def test_a_pattern_matches_whole_names():
    names = ["orders", "orders-eu", "my-orders", "payments"]
    assert resolve(["orders", "orders.*", ".*e.*u?", "none"], names) == {
        "orders": {"orders"},
        "orders.*": {"orders", "orders-eu"},
        ".*e.*u?": {"orders", "orders-eu", "my-orders", "payments"},
        "none": frozenset(),
    }


def test_a_single_pattern_is_matched_against_whole_texts():
    is_wanted = matcher("pay-.*|cart")
    assert [is_wanted(text) for text in ("pay-1", "cart", "carts", "my pay-1", "")] == [True, True, False, False, False]
    with pytest.raises(InvalidRegularExpression):
        matcher("(")


def test_a_pattern_that_cannot_be_read_stands_for_nothing():
    assert resolve(["(", "a.*"], ["ab", "("]) == {"(": frozenset(), "a.*": {"ab"}}


def test_no_patterns_stand_for_nothing():
    assert resolve([], ["a"]) == {}


def test_a_pattern_that_takes_other_engines_years_takes_no_time():
    assert resolve(["(a*)*b"], ["a" * 200]) == {"(a*)*b": frozenset()}
