"""One setting: a row of the table, with how its text is read and judged.

Lives here: the shape of a row, its kinds, and the parsing of one value. Must not live here: the rows themselves (see
`broker_rows`, `topic_rows` and their like) and where a value comes from (see `resolution`).

Values travel as text, as they do in Kafka: in files, in requests and in metadata records. They are parsed where they
are judged and where they are used.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from typing import Final

import msgspec

from cordwood.model.errors import InvalidConfig

Value = bool | int | float | str | tuple[str, ...] | None

NO_EFFECT: Final = "Accepted, and without effect in Cordwood: "
"""How the document of a setting begins that nothing acts on."""

INT_MAX: Final = (1 << 31) - 1
LONG_MAX: Final = (1 << 63) - 1


class Kind(IntEnum):
    """What a value is; the numbers are those of DescribeConfigs (KIP-569)."""

    UNKNOWN = 0
    BOOLEAN = 1
    STRING = 2
    INT = 3
    SHORT = 4
    LONG = 5
    DOUBLE = 6
    LIST = 7
    CLASS = 8
    PASSWORD = 9


WIDTHS: Final = {Kind.SHORT: 16, Kind.INT: 32, Kind.LONG: 64}
"""Bits of each kind of whole number."""

WANTED: Final = {
    Kind.BOOLEAN: "true or false",
    Kind.SHORT: "a whole number of 16 bits",
    Kind.INT: "a whole number of 32 bits",
    Kind.LONG: "a whole number of 64 bits",
    Kind.DOUBLE: "a number",
}


class Fallback(msgspec.Struct, frozen=True):
    """A broker's setting which gives another one its default, `factor` of the other's units to one of its own."""

    name: str
    factor: int = 1


class Setting(msgspec.Struct, frozen=True):
    """A row of the table of settings.

    `default` None means that the setting has no value until someone gives it one. `low` and `high` are the first and
    the last number allowed, `also` are numbers allowed outside of them. `choices` are the words allowed, `pattern` is a
    regular expression that the whole of a word has to match, and `form` says so in words (for a list: each of its
    elements). `dynamic` tells whether it may change while brokers run: with `per_broker` for one broker at a time and
    not for all, with `per_listener` only for one listener of a broker, which Cordwood has no way to say. `acted_on`
    tells whether Cordwood does anything with it today. `aliases` are names which a configuration may use instead, `sources` the broker's settings that give a
    setting of a topic or a group its default.
    """

    name: str
    kind: Kind
    default: Value
    document: str
    low: float | None = None
    high: float | None = None
    also: tuple[int, ...] = ()
    choices: tuple[str, ...] = ()
    pattern: str = ""
    form: str = ""
    dynamic: bool = False
    per_broker: bool = False
    per_listener: bool = False
    acted_on: bool = False
    aliases: tuple[str, ...] = ()
    sources: tuple[Fallback, ...] = ()

    @property
    def sensitive(self) -> bool:
        """Whether the value is a secret, which no answer and no message may show."""
        return self.kind is Kind.PASSWORD

    @property
    def reason(self) -> str:
        """Why the setting has no effect, where it has none: a sentence, or the end of one."""
        return self.document.removeprefix(NO_EFFECT)

    def parse(self, text: str) -> Value:
        """The value that a text stands for. Raises InvalidConfig when there is none, or when it is out of range."""
        try:
            value = PARSERS[self.kind](text.strip())
        except ValueError as error:
            raise InvalidConfig(f"{self.name} = {self.shown(text)}: wants {self.wanted()}") from error
        if not self._allows(value):
            raise InvalidConfig(f"{self.name} = {self.shown(text)}: wants {self.wanted()}")
        return value

    def render(self, value: Value) -> str | None:
        """The text of a value, as DescribeConfigs tells it."""
        match value:
            case None:
                return None
            case bool():
                return "true" if value else "false"
            case tuple():
                return ",".join(value)
            case float():
                return _rendered_double(value)
            case _:
                return str(value)

    def wanted(self) -> str:
        """What a value must be, in words that complete "wants ..."."""
        if self.choices:
            listed = ", ".join(self.choices)
            return f"any of {listed}, each once" if self.kind is Kind.LIST else f"one of {listed}"
        if self.form:
            return f"{self.form}, with commas between them, each once" if self.kind is Kind.LIST else self.form
        words = WANTED.get(
            self.kind, "a text" if self.kind is not Kind.LIST else "words with commas between them, each once"
        )
        return f"{words}{self.range()}"

    def shown(self, text: str) -> str:
        """The text as a message may show it."""
        return "(hidden)" if self.sensitive else repr(text)

    def range(self) -> str:
        """The numbers allowed, as ", from 1 to 9"; empty where all are."""
        if self.low is None and self.high is None:
            return ""
        also = "".join(f", or {number}" for number in self.also)
        if self.high is None or self.high in (INT_MAX, LONG_MAX):
            return f", at least {self.low}{also}"
        if self.low is None:
            return f", at most {self.high}{also}"
        return f", from {self.low} to {self.high}{also}"

    def _allows(self, value: Value) -> bool:
        match value:
            case bool() | None:
                return True
            case int() | float():
                return value in self.also or self._in_range(value)
            case str():
                return self._is_word(value)
            case tuple():
                return len(set(value)) == len(value) and all(map(self._is_word, value))

    def _is_word(self, word: str) -> bool:
        if self.choices and word not in self.choices:
            return False
        return not self.pattern or re.fullmatch(self.pattern, word) is not None

    def _in_range(self, value: float) -> bool:
        width = WIDTHS.get(self.kind)
        if width is not None and not -(1 << (width - 1)) <= value < 1 << (width - 1):
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def _parse_boolean(text: str) -> bool:
    match text.lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise ValueError(text)


def _parse_whole(text: str) -> int:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 20:  # Python's int() takes more than Kafka does.
        raise ValueError(text)
    return int(text)


def _parse_double(text: str) -> float:
    if "_" in text or not text.isascii():
        raise ValueError(text)
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _rendered_double(value: float) -> str:
    """As Java writes it: 0.5, 1.0E7, 1.7976931348623157E308."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int), value
    first, *rest = map(str, digits)
    return f"{'-' if sign else ''}{first}.{''.join(rest) or '0'}E{exponent + len(rest)}"


def _parse_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",")) if text else ()


PARSERS: Final[dict[Kind, Callable[[str], Value]]] = {
    Kind.BOOLEAN: _parse_boolean,
    Kind.STRING: str,
    Kind.INT: _parse_whole,
    Kind.SHORT: _parse_whole,
    Kind.LONG: _parse_whole,
    Kind.DOUBLE: _parse_double,
    Kind.LIST: _parse_list,
    Kind.CLASS: str,
    Kind.PASSWORD: str,
}
