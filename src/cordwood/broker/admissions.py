"""Whether partitions are part of a producer's transaction, asked before anything of it is written to them (KIP-890).

| who writes                             | the partition                                                | not in the transaction |
|----------------------------------------|--------------------------------------------------------------|------------------------|
| Produce to 10, TxnOffsetCommit to 3    | was added by AddPartitionsToTxn or AddOffsetsToTxn: verified | NotInTransaction       |
| Produce 11, TxnOffsetCommit 4          | the same                                                     | TransactionAbortable   |
| Produce 12 on, TxnOffsetCommit 5 on    | is added now                                                 |                        |

The questions of one producer are asked one after the other, so that what it sends in a row is let in in that order: a
batch that overtook the first one of its partition would be the first.

Lives here: that table, and the line. Must not live here: the way to the coordinator (`transaction_calls`), who has to ask
at all (replica.verifications), and the words in which each API tells of an error (`handlers`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias

from cordwood.broker.later import Later
from cordwood.model.errors import CordwoodError
from cordwood.model.group_errors import CoordinatorNotAvailable
from cordwood.model.ids import TopicPartition
from cordwood.model.transaction_errors import NotInTransaction, TransactionAbortable
from cordwood.txns.commands import AddPartitions, VerifyPartitions
from cordwood.txns.outcome import EPOCH_BUMP_VERSION
from cordwood.txns.replies import Verified

logger = logging.getLogger(__name__)


class Terms(NamedTuple):
    """What the version of a request says of its producer."""

    adds: bool
    """It is one of version 2, and leaves it to the broker to add partitions."""
    knows_abortable: bool

    @classmethod
    def of(cls, version: int, *, abortable_from: int) -> Terms:
        """By the first version that knows TRANSACTION_ABORTABLE; partitions are added from the next one on."""
        return cls(version > abortable_from, version >= abortable_from)


class Question(NamedTuple):
    """A producer, and the partitions that it wants to write to."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    partitions: frozenset[TopicPartition]
    terms: Terms


Refusals: TypeAlias = Mapping[TopicPartition, CordwoodError]
"""Why partitions may not be written to; the others may."""

Tell: TypeAlias = Callable[[Refusals], None]
"""Told once, at once or later."""


class Asks(Protocol):
    """The way to the coordinators."""

    def ask(self, command: AddPartitions | VerifyPartitions) -> Later[Any]:
        """The answer, now or later; an error is one."""
        ...


class Admissions:
    """The questions under way. Used on the event loop's thread."""

    def __init__(self, coordinators: Asks) -> None:
        self._coordinators = coordinators
        self._lines: dict[tuple[int, int], deque[tuple[Question, Tell]]] = {}
        """What waits, by producer id and epoch, while a question of the producer is under way."""

    def __len__(self) -> int:
        return len(self._lines)

    def is_asking(self, producer_id: int, epoch: int) -> bool:
        """Whether something of the producer waits."""
        return (producer_id, epoch) in self._lines

    def ask(self, question: Question, tell: Tell) -> None:
        """Finds out which of the partitions may be written to."""
        key = (question.producer_id, question.producer_epoch)
        line = self._lines.get(key)
        if line is not None:
            line.append((question, tell))
            return
        reply = self._coordinators.ask(_command(question))
        if isinstance(reply, asyncio.Future):
            self._lines[key] = deque()
            reply.add_done_callback(partial(self._answered, key, question, tell))
        else:
            tell(_refusals(question, reply))

    def _answered(self, key: tuple[int, int], question: Question, tell: Tell, done: asyncio.Future[Any]) -> None:
        _tell(tell, _refusals(question, _reply_of(question, done)))
        line = self._lines[key]
        while line:
            question, tell = line.popleft()
            reply = self._coordinators.ask(_command(question))
            if isinstance(reply, asyncio.Future):
                reply.add_done_callback(partial(self._answered, key, question, tell))
                return
            _tell(tell, _refusals(question, reply))
        del self._lines[key]


def _tell(tell: Tell, refusals: Refusals) -> None:
    try:
        tell(refusals)
    except Exception:  # A fault of ours with one request must not hold up all that its producer sends after it.
        logger.exception("a request that waited for a coordinator failed")


def _command(question: Question) -> AddPartitions | VerifyPartitions:
    producer = (question.transactional_id, question.producer_id, question.producer_epoch)
    # Writers are told of fencing by INVALID_PRODUCER_EPOCH, after which a producer may abort and go on (KIP-588).
    if question.terms.adds:
        return AddPartitions(*producer, question.partitions, EPOCH_BUMP_VERSION, knows_fencing=False)
    return VerifyPartitions(*producer, question.partitions, knows_fencing=False)


def _reply_of(question: Question, done: asyncio.Future[Any]) -> Any:  # noqa: ANN401 - as the coordinator answers.
    """What a future came to. That nobody answered, for whatever reason, must not be waited for forever."""
    if done.cancelled():
        return CoordinatorNotAvailable(question.transactional_id, "the broker stops")
    error = done.exception()
    if error is None:
        return done.result()
    if not isinstance(error, CordwoodError):
        logger.error("a coordinator could not be asked for %r", question.transactional_id, exc_info=error)
    return CoordinatorNotAvailable(question.transactional_id, str(error))


def _refusals(question: Question, reply: Any) -> Refusals:  # noqa: ANN401 - see `_reply_of`.
    if isinstance(reply, CordwoodError):
        return dict.fromkeys(question.partitions, reply)
    if isinstance(reply, Verified):
        return {name: _not_in_transaction(question, name) for name in reply.missing}
    return {}


def _not_in_transaction(question: Question, name: TopicPartition) -> CordwoodError:
    if question.terms.knows_abortable:
        return TransactionAbortable(question.transactional_id, str(name))
    return NotInTransaction(str(name), question.producer_id)
