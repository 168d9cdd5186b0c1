"""Histories for the tests of the checkers: by hand, and at random as a broker without a fault would make them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from hypothesis import strategies as st

from cordwood.sim.checkers.list_append.history import Append, Fate, History, Read, Transaction

SHARED = "shared"
KEYS = ("x", "y", SHARED)
AT_A_TIME = 3
FATES = (Fate.COMMITTED, Fate.COMMITTED, Fate.ABORTED, Fate.UNKNOWN)


def transaction(name, appends="", reads=(), fate=Fate.COMMITTED):
    """One transaction; appends like "x1 y2", reads like ["x", "y 2"]."""
    appended = tuple(Append(word[0], int(word[1:])) for word in appends.split())
    return Transaction(name, fate, appended, tuple(map(read_of, reads)))


def read_of(text):
    key, *values = text.split()
    return Read(key, tuple(map(int, values)))


def history(*transactions, final=(), interleaved=()):
    """A history; final like ["x 1 3", "y 2"]."""
    reads = map(read_of, final)
    return History(transactions, {read.key: read.values for read in reads}, frozenset(interleaved))


@dataclass
class Open:
    """A transaction that has begun."""

    name: str
    appends: list[Append] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)


class FaultlessBroker:
    """Lists of which readers see what is decided, up to the first value that is not: as read_committed does."""

    def __init__(self) -> None:
        self.lists = {key: [] for key in KEYS}
        self.open: list[Open] = []
        self.decided: dict[int, bool] = {}
        self.ended: list[Transaction] = []
        self.names = count(1)
        self.values = count(1)

    def begin(self):
        self.open.append(Open(f"t{next(self.names)}"))

    def append(self, who, key):
        """Refuses what another transaction has appended to and not ended, but for the list that they share."""
        others = (append.key for other in self.open if other is not who for append in other.appends)
        if key == SHARED or key not in set(others):
            value = next(self.values)
            self.lists[key].append(value)
            who.appends.append(Append(key, value))

    def read(self, who, key):
        who.reads.append(Read(key, self.visible(key)))

    def visible(self, key):
        seen = []
        for value in self.lists[key]:
            if value not in self.decided:
                break
            if self.decided[value]:
                seen.append(value)
        return tuple(seen)

    def end(self, who, fate, committed):
        self.open.remove(who)
        for append in who.appends:
            self.decided[append.value] = committed
        self.ended.append(Transaction(who.name, fate, tuple(who.appends), tuple(who.reads)))

    def history(self):
        """Everything, once nothing is open."""
        for who in tuple(self.open):
            self.end(who, Fate.ABORTED, committed=False)
        final = {key: self.visible(key) for key in KEYS}
        return History(tuple(self.ended), final, frozenset({SHARED}))


@st.composite
def clean_histories(draw):
    """Histories in which nothing is wrong."""
    broker = FaultlessBroker()
    steps = draw(st.lists(st.sampled_from(("append", "append", "append", "read", "end")), min_size=30, max_size=60))
    for step in steps:
        while len(broker.open) < AT_A_TIME:
            broker.begin()
        who = draw(st.sampled_from(broker.open))
        if step == "append":
            broker.append(who, draw(st.sampled_from(KEYS)))
        elif step == "read":
            broker.read(who, draw(st.sampled_from(KEYS)))
        else:
            fate = draw(st.sampled_from(FATES))
            broker.end(who, fate, fate is Fate.COMMITTED or (fate is Fate.UNKNOWN and draw(st.booleans())))
    return broker.history()
