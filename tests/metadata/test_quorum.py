"""Nodes of the quorum are noted when they come, invited before they do, and forgotten when they left."""

from __future__ import annotations

import pytest

from cordwood.metadata import EMPTY, Endpoint, QuorumNode, quorum, replay_all
from cordwood.metadata.image import NO_DIRECTORY
from cordwood.metadata.records import QuorumNodeRecord, RemoveQuorumNode
from cordwood.model.quorum_errors import OtherDirectory
from tests.metadata.cluster_of import after

OLD, NEW = b"o" * 16, b"n" * 16


def node(number: int, directory_id: bytes = NO_DIRECTORY, port: int = 9092) -> QuorumNode:
    return QuorumNode(number, directory_id, Endpoint("PLAINTEXT", "127.0.0.1", port))


FOUNDED = replay_all(EMPTY, quorum.first_members([node(1), node(2, port=9093)]))


def test_first_members_know_each_other():
    assert FOUNDED.quorum_nodes == {1: node(1), 2: node(2, port=9093)}


def test_a_node_that_comes_is_noted_with_its_directory():
    image = after(FOUNDED, quorum.note(FOUNDED, node(1, OLD)))
    assert image.quorum_nodes[1] == node(1, OLD)
    assert quorum.note(image, node(1, OLD)).records == (), "nothing is new"
    moved = quorum.note(image, node(1, OLD, port=7))
    assert moved.records == (QuorumNodeRecord(1, OLD, Endpoint("PLAINTEXT", "127.0.0.1", 7)),)


def test_a_node_of_another_directory_is_another_node():
    image = after(FOUNDED, quorum.note(FOUNDED, node(1, OLD)))
    with pytest.raises(OtherDirectory) as refused:
        quorum.note(image, node(1, NEW))
    assert (refused.value.known, refused.value.attempted) == (OLD, NEW)


def test_who_is_invited_begins_anew():
    image = after(FOUNDED, quorum.note(FOUNDED, node(2, OLD)))
    invited = after(image, quorum.invite(image, node(2)))
    assert invited.quorum_nodes[2] == node(2)
    assert after(invited, quorum.note(invited, node(2, NEW))).quorum_nodes[2].directory_id == NEW
    assert after(image, quorum.invite(image, node(3, NEW))).quorum_nodes[3] == node(3, NEW)
    assert quorum.invite(invited, node(2)).records == ()


def test_who_left_is_forgotten_once():
    result = quorum.forget(FOUNDED, 2)
    assert result.records == (RemoveQuorumNode(2),)
    gone = after(FOUNDED, result)
    assert list(gone.quorum_nodes) == [1]
    assert quorum.forget(gone, 2).records == ()


@pytest.mark.parametrize("known", [NO_DIRECTORY, OLD])
def test_a_directory_that_is_not_known_contradicts_nothing(known):
    quorum.check_directory(node(1, known), NO_DIRECTORY)
    quorum.check_directory(node(1, known), OLD)
