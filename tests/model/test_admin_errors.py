"""The errors of administration tell their values, and what to do."""

from __future__ import annotations

import inspect

import pytest

from cordwood.model import admin_errors as errors
from cordwood.model.errors import CordwoodError
from cordwood.wire.errors import ErrorCode, code_of

SAMPLES = [
    (errors.ElectionNotNeeded("t-0", 1), "broker 1 leads it"),
    (errors.PreferredLeaderNotAvailable("t-0", 2), "broker 2, which is to lead t-0"),
    (errors.EligibleLeadersNotAvailable("t-0", (1, 2)), "none of the brokers [1, 2]"),
    (errors.NoReassignmentInProgress("t-0"), "t-0 is not on the move"),
    (errors.LogDirectoryNotFound("/data"), "/data is none of the directories"),
    (errors.InvalidFeatureLevel("group.version", 9, "it has no such"), "'group.version' cannot have level 9: it has"),
]


def test_every_error_has_a_sample():
    kinds = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, CordwoodError) and kind is not CordwoodError
    }
    assert kinds == {type(error) for error, _ in SAMPLES}


@pytest.mark.parametrize(("error", "words"), SAMPLES, ids=lambda value: type(value).__name__)
def test_an_error_says_what_is_so(error, words):
    assert words in str(error)
    code = code_of(error)
    assert code is not ErrorCode.UNKNOWN_SERVER_ERROR
    assert code.retriable == error.retriable
