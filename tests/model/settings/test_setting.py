"""One row: reading, judging and telling values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.model.errors import InvalidConfig
from cordwood.model.settings.setting import Kind, Setting


def row(kind, **more):
    return Setting("some.name", kind, None, "A row.", **more)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.BOOLEAN, " TRUE ", True),
        (Kind.BOOLEAN, "false", False),
        (Kind.INT, " +12 ", 12),
        (Kind.INT, "-2147483648", -(1 << 31)),
        (Kind.LONG, "9223372036854775807", (1 << 63) - 1),
        (Kind.SHORT, "32767", 32767),
        (Kind.DOUBLE, "0.5", 0.5),
        (Kind.DOUBLE, "1.7976931348623157E308", 1.7976931348623157e308),
        (Kind.STRING, " a b ", "a b"),
        (Kind.LIST, "a, b ,c", ("a", "b", "c")),
        (Kind.LIST, "  ", ()),
        (Kind.PASSWORD, "secret", "secret"),
    ],
)
def test_values_are_read(kind, text, value):
    assert row(kind).parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.BOOLEAN, "yes"),
        (Kind.INT, ""),
        (Kind.INT, "1_000"),
        (Kind.INT, "٣"),
        (Kind.INT, "1.0"),
        (Kind.INT, "2147483648"),
        (Kind.INT, "9" * 5000),
        (Kind.SHORT, "32768"),
        (Kind.LONG, "9223372036854775808"),
        (Kind.DOUBLE, "nan"),
        (Kind.DOUBLE, "inf"),
        (Kind.DOUBLE, "1_0"),
        (Kind.LIST, "a,b,a"),
    ],
)
def test_what_is_no_value_is_refused(kind, text):
    with pytest.raises(InvalidConfig, match=r"some\.name"):
        row(kind).parse(text)


def test_ranges_are_kept():
    bounded = row(Kind.INT, low=1, high=9, also=(-1,))
    assert [bounded.parse(text) for text in ("1", "9", "-1")] == [1, 9, -1]
    for text in ("0", "10", "-2"):
        with pytest.raises(InvalidConfig, match="from 1 to 9, or -1"):
            bounded.parse(text)


def test_choices_are_kept():
    assert row(Kind.STRING, choices=("commit", "os")).parse("os") == "os"
    assert row(Kind.LIST, choices=("compact", "delete")).parse("delete,compact") == ("delete", "compact")
    with pytest.raises(InvalidConfig, match="one of commit, os"):
        row(Kind.STRING, choices=("commit", "os")).parse("Commit")
    with pytest.raises(InvalidConfig, match="any of compact, delete"):
        row(Kind.LIST, choices=("compact", "delete")).parse("delete,archive")


def test_a_secret_is_not_in_the_message():
    secret = row(Kind.PASSWORD, choices=("other",))
    with pytest.raises(InvalidConfig) as caught:
        secret.parse("hunter2")
    assert "hunter2" not in str(caught.value)
    assert secret.sensitive


def test_values_are_told_as_kafka_tells_them():
    assert row(Kind.BOOLEAN).render(True) == "true"
    assert row(Kind.LIST).render(("a", "b")) == "a,b"
    assert row(Kind.LONG).render(7) == "7"
    assert row(Kind.LONG).render(None) is None


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_whole_numbers_come_back(number):
    setting = row(Kind.LONG)
    assert setting.parse(setting.render(number)) == number


@given(st.sampled_from(Kind), st.text(max_size=30))
def test_any_text_is_a_value_or_an_invalid_config(kind, text):
    if kind is Kind.UNKNOWN:
        return
    setting = row(kind, low=-5, high=5)
    try:
        value = setting.parse(text)
    except InvalidConfig:
        return
    assert setting.parse(setting.render(value)) == value


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (row(Kind.STRING), "a text"),
        (row(Kind.LIST), "words with commas between them, each once"),
        (row(Kind.INT, low=1), "a whole number of 32 bits, at least 1"),
        (row(Kind.INT, high=1), "a whole number of 32 bits, at most 1"),
        (row(Kind.DOUBLE, low=0, high=1), "a number, from 0 to 1"),
    ],
)
def test_what_is_wanted_is_said(setting, words):
    assert setting.wanted() == words
