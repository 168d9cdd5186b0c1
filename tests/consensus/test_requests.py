"""What was asked, against a Raft node that notes what it is given and refuses when it is told to."""

from __future__ import annotations

import pytest

from cordwood.consensus.applying import TAG_BYTES, Outcome
from cordwood.consensus.requests import Requests
from cordwood.model.consensus_errors import GroupStopped, NotTaken, OutcomeUnknown
from cordwood.model.errors import InvalidRequest
from cordwood.raft import LEAVE_JOINT, ReadState
from cordwood.raft.errors import DropReason, InvalidChange, ProposalDropped
from tests.consensus.virtual import VirtualLoop
from tests.consensus.world import config_of

ORIGIN = b"originxx"


class Core:
    """Takes the place of a RaftNode."""

    def __init__(self) -> None:
        self.proposed, self.changes, self.reads = [], [], []
        self.refusal: Exception | None = None

    def propose(self, *data: bytes) -> None:
        self._note(self.proposed, [one[TAG_BYTES:] for one in data])

    def propose_conf_change(self, change: object) -> None:
        self._note(self.changes, change)

    def read_index(self, context: bytes) -> None:
        self._note(self.reads, context)

    def _note(self, where: list[object], what: object) -> None:
        if self.refusal:
            raise self.refusal
        where.append(what)


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def requests(core: Core) -> Requests:
    return Requests(config_of(1), ORIGIN, VirtualLoop().create_future, core)


def test_what_comes_in_one_turn_is_proposed_together(core, requests):
    for data in (b"a", b"b"):
        requests.propose(data, 0)
    requests.change(LEAVE_JOINT, 0)
    requests.propose(b"c", 0)
    requests.propose(bytes(1500), 0)
    requests.propose(bytes(1500), 0)
    requests.hand_over()
    requests.hand_over()
    assert core.proposed == [[b"a", b"b"], [b"c", bytes(1500)], [bytes(1500)]]
    assert len(core.changes) == 1


def test_an_outcome_answers_its_proposal(requests):
    one, two = requests.propose(b"a", 0), requests.change(LEAVE_JOINT, 0)
    requests.hand_over()
    requests.done(Outcome(1, "reply"))
    requests.done(Outcome(2, InvalidChange("no")))
    assert one.result() == "reply"
    assert isinstance(two.exception(), InvalidRequest)
    assert requests.waiting == 0


def test_what_raft_refuses_was_not_taken(core, requests):
    core.refusal = ProposalDropped(DropReason.NO_LEADER)
    futures = [requests.propose(b"a", 0), requests.change(LEAVE_JOINT, 0), requests.read(0)]
    requests.hand_over()
    assert all(isinstance(future.exception(), NotTaken) for future in futures)
    core.refusal = InvalidChange("it does not fit")
    future = requests.change(LEAVE_JOINT, 0)
    requests.hand_over()
    assert isinstance(future.exception(), InvalidRequest)


def test_another_leader_fails_what_the_old_one_was_given(requests):
    given, read = requests.propose(b"a", 0), requests.read(0)
    requests.hand_over()
    queued = requests.propose(b"b", 0)
    requests.leader_changed(1, 2)
    assert isinstance(given.exception(), OutcomeUnknown)
    assert isinstance(read.exception(), NotTaken)
    assert not queued.done()


def test_reads_share_a_question_and_wait_until_it_is_applied(core, requests):
    one, two = requests.read(0), requests.read(0)
    requests.hand_over()
    three = requests.read(0)
    requests.hand_over()
    requests.hand_over()
    assert len(core.reads) == 2
    requests.confirmed(ReadState(9, core.reads[0]))
    requests.confirmed(ReadState(7, core.reads[1]))
    requests.confirmed(ReadState(7, b"another's context"))
    requests.applied(8)
    assert not one.done()
    requests.applied(9)
    assert one.result() == two.result() == three.result() == 9


def test_time_runs_out(requests):
    proposal, read = requests.propose(b"a", 5), requests.read(5)
    requests.expire(104)
    assert not proposal.done()
    requests.expire(105)
    assert isinstance(proposal.exception(), OutcomeUnknown)
    assert isinstance(read.exception(), NotTaken)


def test_an_end_is_told_to_all(core, requests):
    futures = [requests.propose(b"a", 0), requests.read(0)]
    requests.stop("it was closed")
    assert all(isinstance(future.exception(), GroupStopped) for future in futures)
    requests.hand_over()
    assert not core.proposed
