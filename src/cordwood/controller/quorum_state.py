"""How the quorum stands, as its leader sees it.

Lives here: those values, and how they are gathered. Must not live here: changes (membership.py), words and wire formats.

A log end is the place behind the last entry, as everywhere in Kafka; -1 stands for what nobody knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cordwood.controller.members import node_of
from cordwood.metadata.image import NO_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cordwood.controller.attendance import Attendance
    from cordwood.metadata import Image, QuorumNode
    from cordwood.raft import NodeId, Status


UNKNOWN: Final = -1


class MemberState(NamedTuple):
    """How far a member has come. Times are in milliseconds since 1970."""

    node_id: int
    directory_id: bytes
    log_end: int
    last_heard_ms: int
    last_caught_up_ms: int


class QuorumState(NamedTuple):
    """One moment of the quorum."""

    leader: int
    term: int
    committed_end: int
    """Everything before it is committed."""
    voters: tuple[MemberState, ...]
    observers: tuple[MemberState, ...]
    """Members without a vote."""
    nodes: tuple[QuorumNode, ...]
    """Where nodes are reached, as far as that is noted."""
    is_changing: bool
    """Whether the voters of before and those to be decide together, for the time of a change."""


def state_of(status: Status, image: Image, attendance: Attendance, now_ms: int) -> QuorumState:
    """The state in the eyes of a leader."""
    attendance.keep(status.followers)

    def member_states(members: Iterable[NodeId]) -> tuple[MemberState, ...]:
        states = [_member_state(member, status, image, attendance, now_ms) for member in members]
        return tuple(sorted(states))

    configuration = status.configuration
    leader = node_of(status.id)
    assert leader is not None, status
    return QuorumState(
        leader=leader,
        term=status.term,
        committed_end=status.commit + 1,
        voters=member_states(configuration.voters),
        observers=member_states(configuration.learners),
        nodes=tuple(node for _, node in sorted(image.quorum_nodes.items())),
        is_changing=configuration.joint,
    )


def _member_state(member: NodeId, status: Status, image: Image, attendance: Attendance, now_ms: int) -> MemberState:
    node_id = node_of(member)
    assert node_id is not None, status.configuration
    known = image.quorum_nodes.get(node_id)
    match = status.followers[member].match
    is_own = member == status.id
    return MemberState(
        node_id=node_id,
        directory_id=NO_DIRECTORY if known is None else known.directory_id,
        log_end=status.last + 1 if is_own else match + 1 if match else UNKNOWN,
        last_heard_ms=now_ms if is_own else attendance.last_heard(member),
        last_caught_up_ms=now_ms if is_own else attendance.last_caught_up(member, match, status.commit),
    )
