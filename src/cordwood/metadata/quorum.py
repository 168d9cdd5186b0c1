"""Decisions about the nodes of the quorum: where they are reached, and by which directory they are known.

Lives here: what is noted of a node when it comes, is invited and leaves. Must not live here: who votes, which is in the
configuration of the quorum (`raft`), and the order of the steps of a change (`controller.membership`).
"""

from __future__ import annotations

from collections.abc import Sequence

from cordwood.metadata.image import NO_DIRECTORY, Image, QuorumNode
from cordwood.metadata.records import QuorumNodeRecord, Record, RemoveQuorumNode
from cordwood.metadata.result import Result
from cordwood.model.quorum_errors import OtherDirectory


def first_members(nodes: Sequence[QuorumNode]) -> tuple[Record, ...]:
    """The records by which the first members of a cluster know each other."""
    return tuple(map(_record, nodes))


def note(image: Image, node: QuorumNode) -> Result[None]:
    """A node has come, from there. Raises OtherDirectory where it is known with another directory."""
    known = image.quorum_nodes.get(node.id)
    if known is not None:
        check_directory(known, node.directory_id)
    return _noted(known, node)


def invite(image: Image, node: QuorumNode) -> Result[None]:
    """A node is to join that is no member now: whatever was known of that id is forgotten.

    Its directory may be NO_DIRECTORY: then the first node that comes with this id is the one.
    """
    return _noted(image.quorum_nodes.get(node.id), node)


def forget(image: Image, node_id: int) -> Result[None]:
    """A node has left."""
    return Result((RemoveQuorumNode(node_id),) if node_id in image.quorum_nodes else (), None)


def check_directory(known: QuorumNode, directory_id: bytes) -> None:
    """Raises OtherDirectory when both directories are known and differ."""
    if NO_DIRECTORY not in (known.directory_id, directory_id) and known.directory_id != directory_id:
        raise OtherDirectory(known.id, known.directory_id, directory_id)


def _noted(known: QuorumNode | None, node: QuorumNode) -> Result[None]:
    return Result(() if node == known else (_record(node),), None)


def _record(node: QuorumNode) -> QuorumNodeRecord:
    return QuorumNodeRecord(node.id, node.directory_id, node.endpoint)
