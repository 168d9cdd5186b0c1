"""Every error carries the values at hand, and its message tells them."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from cordwood.model import errors, group_errors, peer_errors, telemetry_errors, transaction_errors
from cordwood.model.errors import CordwoodError

ALL = [
    kind
    for module in (errors, group_errors, peer_errors, telemetry_errors, transaction_errors)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, CordwoodError)
]

# A value for each type that a constructor asks for; those of one error differ, so that its message can be looked through.
VALUES: dict[str, Callable[[int], object]] = {
    "int": lambda number: 1001 + 7 * number,
    "str": lambda number: f"value-{number}",
    "bytes": lambda number: bytes([number]) * 16,
    "Sequence[str]": lambda number: (f"mistake-{number}-a", f"mistake-{number}-b"),
    "tuple[int, ...]": lambda number: (2001 + number, 3001 + number),
    "BaseException": lambda number: OSError(5, f"cause-{number}"),
}


def values_for(kind: type[CordwoodError]) -> dict[str, object]:
    """A value for each argument of an error that has a constructor of its own."""
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    return {parameter.name: VALUES[str(parameter.annotation)](number) for number, parameter in enumerate(parameters)}


def told(value: object) -> list[str]:
    """How a message tells a value."""
    if isinstance(value, bytes):
        return [value.hex()]
    return [str(item) for item in value] if isinstance(value, tuple) else [str(value)]


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind.__init__ is not Exception.__init__])
def test_an_error_keeps_and_tells_its_values(kind):
    values = values_for(kind)
    error = kind(**values)
    for name, value in values.items():
        assert getattr(error, name) == value
        assert all(text in str(error) for text in told(value)), f"{kind.__name__} does not tell its {name}"


@pytest.mark.parametrize("kind", ALL)
def test_an_error_says_what_it_is(kind):
    assert inspect.getdoc(kind)
    assert isinstance(kind.retriable, bool)


def test_errors_are_caught_by_what_can_be_done():
    assert issubclass(errors.DiskFull, errors.StorageFailed)
    assert issubclass(errors.CorruptBatch, errors.InvalidBatch)
    assert errors.CorruptBatch.retriable
    assert not errors.InvalidBatch.retriable
    assert not issubclass(errors.CorruptLog, errors.InvalidBatch)


def test_messages_say_what_to_do():
    assert str(errors.OffsetOutOfRange(5, 10, 20)) == (
        "offset 5 is outside the log, which holds [10, 20); read from 10"
    )
    assert "max.message.bytes" in str(errors.RecordTooLarge(2, 1))
    assert "nothing was cut" in str(errors.CorruptLog("p", 1, "r"))
