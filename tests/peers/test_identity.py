"""Two brokers talk when each is who the other means, and say why if not."""

from __future__ import annotations

import msgspec
import pytest

from cordwood.model.peer_errors import PeerRefused
from cordwood.peers.identity import (
    NO_DIRECTORY,
    Peer,
    answer,
    check_answer,
    check_hello,
    hello_to,
    refusal,
)
from cordwood.wire.errors import ErrorCode
from tests.peers.conftest import OTHER, OWN

OWN_PEER = Peer(1, "here", 9092)


def said_to_own(**changes):
    """The hello of broker 2 to broker 1, with a difference."""
    return msgspec.structs.replace(hello_to(OWN_PEER, OTHER), **changes)


@pytest.mark.parametrize("noted", [NO_DIRECTORY, OTHER.directory_id])
def test_both_ends_believe(noted):
    check_hello(OWN, said_to_own(), noted)
    check_answer(OWN, Peer(2, "there", 9092, noted), answer(OTHER))


def test_who_joins_takes_the_cluster_of_whoever_calls():
    joining = msgspec.structs.replace(OWN, cluster_id="")
    check_hello(joining, said_to_own(), NO_DIRECTORY)
    check_answer(OTHER, OWN_PEER, answer(joining))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"receiver_id": 3}, "it wants broker 3, and has reached 1"),
        ({"node_id": 1}, "which is this one"),
        ({"cluster_id": "cluster-2"}, "it belongs to cluster cluster-2, this one to cluster-1"),
        ({"directory_id": b"x" * 16}, "a node that lost its disk must be removed and added again"),
        ({"message_version": 9}, "it speaks version 9 of the messages, this broker version 1"),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value)),
)
def test_a_hello_that_is_not_believed(changes, words):
    with pytest.raises(PeerRefused, match=words) as refused:
        check_hello(OWN, said_to_own(**changes), OTHER.directory_id)
    told = refusal(OWN, refused.value)
    assert told.error_code == ErrorCode.INCONSISTENT_VOTER_SET
    assert words in (told.error_message or "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"node_id": 3}, "at there:9092 is broker 3"),
        ({"cluster_id": "cluster-2"}, "it belongs to cluster cluster-2"),
        ({"directory_id": b"x" * 16}, "is noted for it"),
        ({"message_version": 0}, "it speaks version 0"),
        ({"error_code": 94, "error_message": "go away"}, "go away"),
        ({"error_code": 94}, "it refuses with error 94"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value),
)
def test_an_answer_that_is_not_believed(changes, words):
    said = msgspec.structs.replace(answer(OTHER), **changes)
    with pytest.raises(PeerRefused, match=words):
        check_answer(OWN, Peer(2, "there", 9092, OTHER.directory_id), said)


def test_a_peer_is_told_as_people_write_addresses():
    assert str(Peer(2, "there", 9092)) == "broker 2 at there:9092"
    assert str(Peer(2, "::1", 9092)) == "broker 2 at [::1]:9092"
