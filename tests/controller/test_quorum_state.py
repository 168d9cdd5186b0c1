"""The quorum in the eyes of its leader."""

from __future__ import annotations

from typing import Any

from cordwood.controller.attendance import NEVER, Attendance
from cordwood.controller.members import MEMBER_OF_NODE_0
from cordwood.controller.quorum_state import MemberState, state_of
from cordwood.metadata import EMPTY, Endpoint, QuorumNode, quorum, replay_all
from cordwood.metadata.image import NO_DIRECTORY
from cordwood.raft import Configuration, Role, Status
from cordwood.raft.progress import ProgressState
from cordwood.raft.status import FollowerStatus
from cordwood.sim.clock import SimClock

OWN = b"1" * 16
PLACE = Endpoint("PLAINTEXT", "one", 9092)
IMAGE = replay_all(EMPTY, quorum.first_members([QuorumNode(1, OWN, PLACE)]))


def status(matches: dict[int, int], configuration: Configuration, **more: Any) -> Status:
    followers = {
        member: FollowerStatus(match, match + 1, ProgressState.REPLICATE, True, member in configuration.learners)
        for member, match in matches.items()
    }
    usual: dict[str, Any] = {
        "id": 1,
        "term": 7,
        "vote": 1,
        "role": Role.LEADER,
        "leader": 1,
        "transferee": 0,
        "commit": 40,
        "applied": 40,
        "last": 42,
    }
    return Status(configuration=configuration, followers=followers, **usual | more)


def test_voters_and_observers() -> None:
    clock = SimClock()
    attendance = Attendance(clock)
    now = clock.now_ms()
    for member in (2, 4):
        attendance.heard(member)
    configuration = Configuration(frozenset({1, 2, MEMBER_OF_NODE_0}), learners=frozenset({4}))
    state = state_of(status({1: 41, 2: 40, MEMBER_OF_NODE_0: 0, 4: 7}, configuration), IMAGE, attendance, now)
    assert (state.leader, state.term, state.committed_end, state.is_changing) == (1, 7, 41, False)
    assert state.voters == (
        MemberState(0, NO_DIRECTORY, -1, NEVER, NEVER),
        MemberState(1, OWN, 43, now, now),
        MemberState(2, NO_DIRECTORY, 41, now, now),
    )
    assert state.observers == (MemberState(4, NO_DIRECTORY, 8, now, NEVER),)
    assert state.nodes == (QuorumNode(1, OWN, PLACE),)


def test_in_the_midst_of_a_change_both_sets_vote() -> None:
    configuration = Configuration(frozenset({1, 2}), outgoing=frozenset({1, 3}))
    state = state_of(status({1: 40, 2: 40, 3: 40}, configuration), IMAGE, Attendance(SimClock()), 5)
    assert [voter.node_id for voter in state.voters] == [1, 2, 3]
    assert state.is_changing
