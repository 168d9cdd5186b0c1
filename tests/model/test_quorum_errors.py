"""The errors of the quorum's changes tell their values, and what to do."""

from __future__ import annotations

import inspect

import pytest

from cordwood.model import quorum_errors as errors
from cordwood.model.errors import CordwoodError
from cordwood.wire.errors import ErrorCode, code_of

SAMPLES = [
    (errors.NotQuorumLeader(2), "node 2 leads"),
    (errors.NotQuorumLeader(-1), "no node leads"),
    (errors.VoterExists(4, (1, 4)), "voters are 1, 4"),
    (errors.VoterNotFound(4, (1, 2)), "voters are 1, 2"),
    (errors.VoterNotFound(1, (1, 2), b"\x0a"), "node 1 of the directory 0a is no voter"),
    (errors.LastVoter(1), "add another one"),
    (errors.VoterStays(1), "broker 1 votes"),
    (errors.OtherDirectory(3, b"\x0a", b"\x0b"), "0a, not 0b"),
    (errors.ChangeUnderWay("adding node 4"), "adding node 4"),
    (errors.ChangeTimedOut("adding node 4", "it lags"), "adding node 4 was not done in time: it lags"),
    (errors.InconsistentClusterId("a", "b"), "cluster a, the request is for cluster b"),
    (errors.NotFounded("/data/q"), "/data/q holds no metadata"),
    (errors.BrokerNotRegistered(9), "broker 9"),
    (errors.TakenOut(9), "broker 9 was taken out"),
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
