"""All properties at once: random histories without a fault, and with one of each kind planted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cordwood.sim.checkers.list_append import anomalies
from cordwood.sim.checkers.list_append.history import Append, Fate, Read
from tests.sim.checkers.list_append.histories import SHARED, clean_histories

# Values that no history has.
NEW, NEWER = 1_000, 1_001


def kinds(history):
    return {line.split(":")[0] for line in anomalies(history)}


@given(clean_histories())
def test_a_broker_without_a_fault(history):
    assert anomalies(history) == []


def committed(history):
    """The transactions that were told of their commit, and appended."""
    return [one for one in history.transactions if one.fate is Fate.COMMITTED and one.appends]


def changed(history, one, **fields):
    """The history with one transaction changed."""
    others = tuple(replace(each, **fields) if each is one else each for each in history.transactions)
    return replace(history, transactions=others)


def appended(history, one, key, value):
    """The history in which this transaction has appended a value more, at the end of a list."""
    more = changed(history, one, appends=(*one.appends, Append(key, value)))
    return replace(more, final={**history.final, key: (*history.final[key], value)})


def aborted_is_read(history, draw):
    one = draw(st.sampled_from(committed(history)))
    return changed(history, one, fate=Fate.ABORTED)


def part_is_read(history, draw):
    """Somebody reads before the last of what was appended."""
    one = draw(st.sampled_from(committed(history)))
    key = one.appends[-1].key
    assume(key != SHARED)
    grown = appended(history, one, key, NEW)
    (grown_one,) = (each for each in grown.transactions if each.name == one.name)
    reader = draw(st.sampled_from([each for each in grown.transactions if each is not grown_one] or [None]))
    assume(reader is not None)
    return changed(grown, reader, reads=(*reader.reads, Read(key, history.final[key])))


def two_overwrite_each_other(history, draw):
    pair = committed(history)
    assume(len(pair) > 1)
    one, two = draw(st.permutations(pair))[:2]
    for key, first, last in (("v", one, two), ("w", two, one)):
        base = NEW if key == "v" else NEW + 10
        history = replace(history, final={**history.final, key: ()})
        for value, name in ((base, first.name), (base + 1, last.name)):
            (who,) = (each for each in history.transactions if each.name == name)
            history = appended(history, who, key, value)
    return history


def two_read_each_other(history, draw):
    pair = committed(history)
    assume(len(pair) > 1)
    one, two = draw(st.permutations(pair))[:2]
    for reader, writer in ((one, two), (two, one)):
        append = writer.appends[0]
        whole = history.final[append.key]
        (who,) = (each for each in history.transactions if each.name == reader.name)
        history = changed(history, who, reads=(*who.reads, Read(append.key, whole)))
    return history


def committed_is_lost(history, draw):
    """All of a transaction is gone, and nobody has seen it."""
    one = draw(st.sampled_from(committed(history)))
    gone = {append.value for append in one.appends}

    def without(values):
        return tuple(value for value in values if value not in gone)

    others = tuple(
        replace(each, reads=tuple(Read(read.key, without(read.values)) for read in each.reads))
        for each in history.transactions
    )
    final = {key: without(values) for key, values in history.final.items()}
    return replace(history, transactions=others, final=final)


def value_is_there_twice(history, draw):
    append = draw(st.sampled_from(draw(st.sampled_from(committed(history))).appends))
    return replace(history, final={**history.final, append.key: (*history.final[append.key], append.value)})


def value_is_invented(history, draw):
    key = draw(st.sampled_from(sorted(history.final)))
    return replace(history, final={**history.final, key: (*history.final[key], NEW)})


def readers_disagree(history, draw):
    one = draw(st.sampled_from(committed(history)))
    grown = appended(history, one, SHARED, NEW)
    (who,) = (each for each in grown.transactions if each.name == one.name)
    grown = appended(grown, who, SHARED, NEWER)
    (who,) = (each for each in grown.transactions if each.name == one.name)
    other_way = (*history.final[SHARED], NEWER, NEW)
    return changed(grown, who, reads=(*who.reads, Read(SHARED, other_way)))


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (two_overwrite_each_other, "G0"),
        (aborted_is_read, "G1a"),
        (part_is_read, "G1b"),
        (two_read_each_other, "G1c"),
        (committed_is_lost, "lost"),
        (value_is_there_twice, "duplicates"),
        (value_is_invented, "invented"),
        (readers_disagree, "order"),
    ],
)
@settings(max_examples=30)
@given(history=clean_histories(), data=st.data())
def test_a_planted_fault_is_found(plant, kind, history, data):
    assume(committed(history))
    assert kind in kinds(plant(history, data.draw))
