"""The errors of a consensus group: they tell their reason, and whether trying again helps."""

from __future__ import annotations

import inspect

import pytest

from cordwood.model import consensus_errors as errors
from cordwood.model.errors import CordwoodError
from cordwood.wire.errors import ErrorCode, code_of

ALL = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, CordwoodError) and kind is not CordwoodError
]
KINDS = [kind for kind in ALL if kind is not errors.NoQuorum]


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


def test_without_a_quorum_the_time_and_the_trouble_are_told():
    error = errors.NoQuorum(1.5, "no leader is known")
    assert (error.timeout_s, error.trouble) == (1.5, "no leader is known")
    assert "within 1.5 s (no leader is known)" in str(error)
    assert code_of(error) is ErrorCode.REQUEST_TIMED_OUT
    assert code_of(error).retriable


def test_what_may_be_tried_again():
    assert {kind for kind in ALL if kind.retriable} == {errors.NotTaken, errors.OutcomeUnknown, errors.NoQuorum}
