"""Applying: in order, each entry once, and a node knows its own proposals again."""

from __future__ import annotations

import pytest

from cordwood.consensus.applying import Applier, Outcome, tagged
from cordwood.consensus.storage import NO_SNAPSHOT
from cordwood.raft import Change, ChangeKind, ConfChange, Configuration, Entry, EntryKind, Snapshot, encode_change
from cordwood.raft.errors import InvalidChange, LogDamaged
from tests.consensus.kit import THREE
from tests.consensus.ledger import Journal, Ledger

OWN, OTHER = b"own-----", b"other---"


def applier() -> tuple[Applier, Journal]:
    journal = Journal(Ledger())
    return Applier(journal, OWN, NO_SNAPSHOT, ()), journal


def entry(index: int, number: int, origin: bytes = OWN) -> Entry:
    return Entry(index, 1, data=tagged(origin, number, b"c%d" % index))


def change(index: int, number: int) -> Entry:
    change = ConfChange((Change(ChangeKind.REMOVE, 3),), context=tagged(OWN, number, b""))
    return Entry(index, 1, EntryKind.CONF_CHANGE, encode_change(change))


def refuse(entry: Entry) -> Configuration:
    raise InvalidChange("it does not fit")


def test_own_proposals_are_known_again():
    one, journal = applier()
    found = one.apply([Entry(1, 1), entry(2, 7), entry(3, 7, OTHER), entry(4, 8)], refuse)
    assert found == [Outcome(7, 2), Outcome(8, 4)]
    assert journal.commands == [(2, b"c2"), (3, b"c3"), (4, b"c4")]
    assert one.applied == 4
    assert one.entries_since == 4


def test_what_a_snapshot_brought_is_passed_over():
    one, journal = applier()
    one.restore(Snapshot(5, 1, THREE), [])
    one.apply([entry(index, index) for index in range(4, 8)], refuse)
    assert journal.commands == [(6, b"c6"), (7, b"c7")]
    assert one.configuration == THREE


def test_a_gap_is_damage():
    one, _ = applier()
    with pytest.raises(LogDamaged):
        one.apply([entry(2, 1)], refuse)


def test_a_change_is_applied_in_its_place():
    one, journal = applier()
    seen = []

    def put_into_force(entry: Entry) -> Configuration:
        seen.append(len(journal.commands))
        return THREE

    assert one.apply([entry(1, 1), change(2, 2), entry(3, 3)], put_into_force) == [
        Outcome(1, 1),
        Outcome(2, THREE),
        Outcome(3, 3),
    ]
    assert seen == [1]
    assert one.configuration == THREE


def test_a_change_that_does_not_fit_changes_nothing():
    one, _ = applier()
    (outcome,) = one.apply([change(1, 4)], refuse)
    assert outcome.number == 4
    assert isinstance(outcome.reply, InvalidChange)
    assert one.apply([Entry(2, 1, EntryKind.CONF_CHANGE, b"")], lambda entry: THREE) == []


def test_counting_begins_again_with_a_snapshot():
    one, _ = applier()
    one.apply([entry(1, 1)], refuse)
    assert one.bytes_since > 0
    assert len(list(one.state())) == 1
    assert (one.bytes_since, one.entries_since) == (0, 0)
