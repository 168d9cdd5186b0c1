"""The errors of a consensus group: they tell their reason, and whether trying again helps."""

from __future__ import annotations

import inspect

import pytest

from cordwood.model import consensus_errors as errors
from cordwood.model.errors import CordwoodError
from cordwood.wire.errors import ErrorCode, code_of

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, CordwoodError) and kind is not CordwoodError
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_tells_its_reason(kind):
    error = kind("the leader is gone")
    assert error.reason == "the leader is gone"
    assert error.reason in str(error)


@pytest.mark.parametrize("kind", KINDS)
def test_clients_are_told_the_same(kind):
    code = code_of(kind("x"))
    assert code is not ErrorCode.UNKNOWN_SERVER_ERROR
    assert code.retriable or not kind.retriable


def test_what_may_be_tried_again():
    assert {kind for kind in KINDS if kind.retriable} == {errors.NotTaken, errors.OutcomeUnknown}
