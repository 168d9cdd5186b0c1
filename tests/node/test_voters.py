"""The members that controller.quorum.voters names."""

from __future__ import annotations

import pytest

from cordwood.node.addresses import HostPort
from cordwood.node.voters import Voter, parse_voter, resolve_voters


@pytest.mark.parametrize(
    ("text", "voter"),
    [
        ("1@a.example:9092", Voter(1, HostPort("a.example", 9092))),
        (" 0@127.0.0.1:1 ", Voter(0, HostPort("127.0.0.1", 1))),
        ("2147483647@[::1]:65535", Voter((1 << 31) - 1, HostPort("::1", 65535))),
    ],
)
def test_a_member_comes_back(text, voter):
    assert parse_voter(text) == voter
    assert parse_voter(str(voter)) == voter


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a.example:9092", "wants NODE@HOST:PORT"),
        ("@a:1", "wants NODE@HOST:PORT"),
        ("-1@a:1", "wants NODE@HOST:PORT"),
        ("one@a:1", "wants NODE@HOST:PORT"),
        ("2147483648@a:1", "wants NODE@HOST:PORT"),
        ("1@a", "has no port"),
        ("1@:9092", "every interface"),
        ("1@0.0.0.0:9092", "every interface"),
        ("1@a:0", "port 0"),
        ("1@a:99999", "no port"),
    ],
)
def test_what_is_no_member(text, words):
    with pytest.raises(ValueError, match=words):
        parse_voter(text)


def test_members_are_put_in_order():
    voters, mistakes = resolve_voters(["3@c:1", "1@a:1", "2@b:1"])
    assert [voter.id for voter in voters] == [1, 2, 3]
    assert mistakes == []


def test_every_mistake_is_told():
    _, mistakes = resolve_voters(["1@a:1", "1@b:1", "2@a:1", "x", "3@c"])
    assert len(mistakes) == 4
    assert "node 1 is there twice" in mistakes
    assert "a:1 is there twice" in mistakes
