"""Who may begin a transaction in a partition when the coordinator has answered: the rows of the table in the module."""

from __future__ import annotations

import pytest

from cordwood.log.producers import ProducerTable
from cordwood.model import limits
from cordwood.model.errors import InvalidProducerEpoch, OutOfOrderSequence
from cordwood.model.ids import TopicPartition
from cordwood.model.transaction_errors import NotInTransaction
from cordwood.records.batch import parse_header
from cordwood.records.builder import build_batch
from cordwood.records.control import Marker, MarkerType, build_marker
from cordwood.records.record import Record
from cordwood.replica import verifications
from cordwood.replica.verifications import Admitted, Verification, Verifications

PRODUCER = 7


class KnownLog:
    """A log of which only the producers are known."""

    def __init__(self) -> None:
        self.producers = ProducerTable()
        self.end = 0

    def append(self, sequence: int, *, epoch: int = 0, transactional: bool = True) -> None:
        batch = build_batch(
            [Record(0, 1, None, b"x")],
            producer_id=PRODUCER,
            producer_epoch=epoch,
            base_sequence=sequence,
            transactional=transactional,
        )
        self.producers.note(parse_header(batch), self.end, 1)
        self.end += 1

    def end_transaction(self, epoch: int = 0) -> None:
        marker = Marker(MarkerType.ABORT, 0)
        batch = build_marker(
            marker, producer_id=PRODUCER, producer_epoch=epoch, timestamp_ms=1, base_offset=self.end, leader_epoch=0
        )
        self.producers.note_marker(parse_header(batch), marker, 1)
        self.end += 1


@pytest.fixture
def log() -> KnownLog:
    return KnownLog()


@pytest.fixture
def held(log: KnownLog) -> Verifications:
    return Verifications(TopicPartition("t", 0), log)


def begun(held: Verifications, sequence: int = 0, epoch: int = 0) -> Verification:
    verification = held.begin(PRODUCER, epoch, sequence)
    assert verification is not None
    return verification


def test_who_was_asked_about_may_append(held: Verifications):
    held.check(Admitted(begun(held), 0))
    held.check(Admitted(begun(held, sequence=5), 0, begins_at_zero=True))


def test_nobody_asks_while_the_transaction_is_open(held: Verifications, log: KnownLog):
    verification = begun(held)
    log.append(0)
    assert held.begin(PRODUCER, 0, 1) is None
    held.check(Admitted(verification, 1))  # Whoever asked before finds it open.


def test_after_a_marker_one_has_to_ask_again(held: Verifications, log: KnownLog):
    verification = begun(held)
    log.end_transaction()
    held.ended(PRODUCER)
    with pytest.raises(NotInTransaction, match="t-0"):
        held.check(Admitted(verification, 0))
    held.check(Admitted(begun(held), 0))


def test_a_marker_between_a_transaction_and_the_next(held: Verifications, log: KnownLog):
    log.append(0)
    log.end_transaction()
    held.ended(PRODUCER)
    assert held.begin(PRODUCER, 0, 1) is not None


def test_a_newer_epoch_takes_the_place_of_an_older_one(held: Verifications):
    older, newer, late = begun(held), begun(held, epoch=1), begun(held)
    for fenced in (older, late):
        with pytest.raises(NotInTransaction):
            held.check(Admitted(fenced, 0))
    held.check(Admitted(newer, 0))


def test_epochs_of_the_past_are_refused(held: Verifications, log: KnownLog):
    verification = begun(held, epoch=2)
    log.append(0, epoch=3)
    with pytest.raises(InvalidProducerEpoch):
        held.check(Admitted(verification, 0))
    with pytest.raises(InvalidProducerEpoch):
        held.begin(PRODUCER, 2, 0)
    assert held.begin(PRODUCER, 3, 1) is None
    assert held.begin(PRODUCER, 4, 0) is not None


def test_the_lowest_sequence_comes_first(held: Verifications):
    later = begun(held, sequence=5)
    first = begun(held, sequence=0)
    assert first is later
    with pytest.raises(OutOfOrderSequence):
        held.check(Admitted(later, 5))
    held.check(Admitted(first, 0))


def test_what_was_refused_for_good_is_not_waited_for(held: Verifications):
    refused = begun(held, sequence=0)
    held.refused(refused)
    held.check(Admitted(begun(held, sequence=5), 5))
    held.refused(refused)  # By now it is another one's, and stays.
    assert len(held) == 1


def test_a_producer_of_version_2_begins_at_zero(held: Verifications, log: KnownLog):
    verification = begun(held, sequence=3)
    held.check(Admitted(verification, 3))
    with pytest.raises(OutOfOrderSequence):
        held.check(Admitted(verification, 3, begins_at_zero=True))
    log.append(0, transactional=False)
    held.check(Admitted(verification, 3, begins_at_zero=True))  # The log knows it, and judges itself.


def test_what_is_remembered_is_bounded(held: Verifications, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verifications, "VERIFICATIONS_LIMIT", 3)
    found = [held.begin(producer_id, 0, 0) for producer_id in range(5)]
    assert len(held) == 3
    oldest, newest = found[0], found[-1]
    assert oldest is not None
    assert newest is not None
    with pytest.raises(NotInTransaction):
        held.check(Admitted(oldest, 0))
    held.check(Admitted(newest, 0))
    assert limits.VERIFICATIONS_LIMIT > 3
