"""Every address is dialed: those that were named, then those that they tell of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from cordwood.cli.client.deadline import Deadline
from cordwood.cli.doctor.dialing import Manner
from cordwood.cli.doctor.evidence import Broker, Dialing, Outcome, Told
from cordwood.cli.doctor.examination import examine
from cordwood.env.clock import SystemClock
from cordwood.node.addresses import HostPort
from cordwood.testing import Server

PLACES = [HostPort(f"b{number}", 9092) for number in (1, 2, 3)]
TOLD = Told("c", 1, tuple(Broker(number, place) for number, place in enumerate(PLACES, 1)))


def deadline(seconds: float = 10.0) -> Deadline:
    return Deadline(seconds, SystemClock())


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[HostPort, int | None], Dialing]], None]:
    """Has a function answer in place of the network."""

    def use(answer: Callable[[HostPort, int | None], Dialing]) -> None:
        def dial(place: HostPort, manner: Manner, deadline: Deadline, expected: int | None) -> Dialing:
            return answer(place, expected)

        monkeypatch.setattr("cordwood.cli.doctor.examination.dial", dial)

    return use


def test_a_broker() -> None:
    with Server() as server:
        evidence = examine([HostPort("127.0.0.1", 1), HostPort("127.0.0.1", server.port)], Manner(), deadline())
        assert [dialing.outcome for dialing in evidence.bootstrap] == [Outcome.REFUSED, Outcome.ANSWERED]
        assert evidence.source is evidence.bootstrap[1]
        assert [(visit.broker.node_id, visit.dialing.outcome) for visit in evidence.visits] == [(1, Outcome.ANSWERED)]


def test_every_address_that_is_told_of_is_dialed(answers: Any) -> None:
    answers(lambda place, expected: Dialing(place, Outcome.ANSWERED, told=TOLD, node_id=expected))
    evidence = examine(PLACES[:1], Manner(), deadline())
    assert evidence.told is TOLD
    assert [(visit.dialing.place, visit.dialing.node_id) for visit in evidence.visits] == [
        (place, number) for number, place in enumerate(PLACES, 1)
    ]


def test_they_are_dialed_side_by_side(answers: Any) -> None:
    meeting = threading.Barrier(3)

    def meet(place: HostPort, expected: int | None) -> Dialing:
        if expected is not None:
            meeting.wait(10.0)
        return Dialing(place, Outcome.ANSWERED, told=TOLD)

    answers(meet)
    assert len(examine(PLACES[:1], Manner(), deadline()).visits) == 3


def test_nobody_answers(answers: Any) -> None:
    answers(lambda place, expected: Dialing(place, Outcome.REFUSED))
    evidence = examine(PLACES, Manner(), deadline(), lambda: TOLD)
    assert (evidence.told, evidence.visits, len(evidence.bootstrap)) == (None, (), 3)


@pytest.mark.parametrize(("otherwise", "visits"), [(TOLD, 3), (None, 0)])
def test_where_strangers_are_told_nothing_another_client_asks(
    answers: Any, otherwise: Told | None, visits: int
) -> None:
    answers(lambda place, expected: Dialing(place, Outcome.ANSWERED))
    evidence = examine(PLACES, Manner(asks_metadata=False), deadline(), lambda: otherwise)
    assert (evidence.told, len(evidence.visits)) == (otherwise, visits)


def test_who_takes_too_long_is_not_waited_for(answers: Any) -> None:
    never = threading.Event()

    def hang(place: HostPort, expected: int | None) -> Dialing:
        never.wait(30.0)
        return Dialing(place, Outcome.ANSWERED)

    answers(hang)
    (seen,) = examine(PLACES[:1], Manner(), deadline(0.1)).bootstrap
    never.set()
    assert (seen.outcome, seen.detail) == (Outcome.TIMED_OUT, "there was no time left")


def test_a_mistake_of_ours_is_not_hidden(answers: Any) -> None:
    def broken(place: HostPort, expected: int | None) -> Dialing:
        raise ZeroDivisionError

    answers(broken)
    with pytest.raises(ZeroDivisionError):
        examine(PLACES, Manner(), deadline())
