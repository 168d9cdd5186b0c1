"""What is asked for whom, what the answer is taken for, and that questions of one producer keep their order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cordwood.broker.admissions import Admissions, Question, Refusals, Terms
from cordwood.model.group_errors import CoordinatorNotAvailable
from cordwood.model.ids import TopicPartition
from cordwood.model.transaction_errors import ConcurrentTransactions, NotInTransaction, TransactionAbortable
from cordwood.txns.commands import AddPartitions, VerifyPartitions
from cordwood.txns.replies import Verified

pytestmark = pytest.mark.asyncio

P0, P1 = TopicPartition("t", 0), TopicPartition("t", 1)
BOTH = frozenset({P0, P1})
OLD, ABORTABLE, ADDING = Terms(False, False), Terms(False, True), Terms(True, True)


class Coordinator:
    """Notes what it is asked, and replies what it is told to, at once or as a future."""

    def __init__(self, *replies: Any) -> None:
        self.replies = list(replies)
        self.asked: list[AddPartitions | VerifyPartitions] = []

    def ask(self, command: AddPartitions | VerifyPartitions) -> Any:
        self.asked.append(command)
        return self.replies.pop(0)


def question(terms: Terms = ADDING, *names: TopicPartition, producer_id: int = 5) -> Question:
    return Question("id", producer_id, 3, frozenset(names) or BOTH, terms)


def refused(reply: Any, terms: Terms) -> Refusals:
    told: list[Refusals] = []
    Admissions(Coordinator(reply)).ask(question(terms), told.append)
    (found,) = told
    return found


@pytest.mark.parametrize(("version", "terms"), [(10, OLD), (11, ABORTABLE), (12, ADDING), (13, ADDING)])
async def test_the_version_says_what_the_producer_is(version: int, terms: Terms):
    assert Terms.of(version, abortable_from=11) == terms


async def test_who_adds_by_itself_is_verified_and_for_others_it_is_added():
    coordinator = Coordinator(None, None)
    admissions = Admissions(coordinator)
    admissions.ask(question(ABORTABLE), lambda _: None)
    admissions.ask(question(ADDING), lambda _: None)
    assert coordinator.asked == [
        VerifyPartitions("id", 5, 3, BOTH, knows_fencing=False),
        AddPartitions("id", 5, 3, BOTH, 2, knows_fencing=False),
    ]


async def test_what_may_be_written_to_is_not_refused():
    assert refused(None, ADDING) == {}
    assert refused(Verified(frozenset()), OLD) == {}


async def test_what_is_not_in_the_transaction_is_told_in_the_words_of_the_version():
    missing = Verified(frozenset({P1}))
    assert {name: type(error) for name, error in refused(missing, OLD).items()} == {P1: NotInTransaction}
    assert {name: type(error) for name, error in refused(missing, ABORTABLE).items()} == {P1: TransactionAbortable}


async def test_an_error_refuses_all():
    error = ConcurrentTransactions("id")
    assert refused(error, ADDING) == {P0: error, P1: error}


async def test_questions_of_one_producer_are_asked_in_turn():
    loop = asyncio.get_running_loop()
    first: asyncio.Future[Any] = loop.create_future()
    third: asyncio.Future[Any] = loop.create_future()
    coordinator = Coordinator(first, None, third, "other")
    admissions = Admissions(coordinator)
    told: list[str] = []
    admissions.ask(question(), lambda _: told.append("first"))
    admissions.ask(question(), lambda _: told.append("second"))
    admissions.ask(question(), lambda _: told.append("third"))
    assert len(coordinator.asked) == 1
    first.set_result(None)
    await asyncio.sleep(0)
    assert told == ["first", "second"]
    waiting = question()
    assert admissions.is_asking(waiting.producer_id, waiting.producer_epoch)
    assert not admissions.is_asking(waiting.producer_id, waiting.producer_epoch + 1)
    admissions.ask(question(producer_id=6), lambda _: told.append("another producer"))
    assert told == ["first", "second", "another producer"]
    third.set_result(None)
    await asyncio.sleep(0)
    assert told[-1] == "third"
    assert len(admissions) == 0
    assert not admissions.is_asking(waiting.producer_id, waiting.producer_epoch)


async def test_a_fault_with_one_request_holds_up_no_other(caplog: pytest.LogCaptureFixture):
    owed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    admissions = Admissions(Coordinator(owed, None))
    told: list[Refusals] = []

    def fail(refusals: Refusals) -> None:
        raise ValueError("a fault of ours")

    admissions.ask(question(), fail)
    admissions.ask(question(), told.append)
    owed.set_result(None)
    await asyncio.sleep(0)
    assert told == [{}]
    assert len(admissions) == 0
    assert "a fault of ours" in caplog.text


async def test_nobody_waits_for_an_answer_that_never_comes():
    loop = asyncio.get_running_loop()
    for end in (lambda one: one.cancel(), lambda one: one.set_exception(ValueError("a fault of ours"))):
        owed: asyncio.Future[Any] = loop.create_future()
        told: list[Refusals] = []
        Admissions(Coordinator(owed)).ask(question(ADDING, P0), told.append)
        end(owed)
        await asyncio.sleep(0)
        assert [type(error) for error in told[0].values()] == [CoordinatorNotAvailable]
