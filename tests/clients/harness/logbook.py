"""What the members of a group say they have, were given and have committed, and what must never be among it.

Lives here: the facts, as lines of the members come in, and waits for facts. Must not live here: processes (crew.py).
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Place = tuple[str, int]

SHOWN_EVENTS = 60
SHOWN_OFFSETS = 5


class Logbook:
    """The facts about one group. Listeners of many members write it, a test waits on it."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._began = time.monotonic()
        self._changed = threading.Condition()
        self._owned: dict[str, set[Place]] = {}
        self._delivered: defaultdict[Place, Counter[int]] = defaultdict(Counter)
        self._committed: dict[Place, int] = {}
        # The last offset that a member was given of a partition since it was assigned to it.
        self._last: dict[tuple[str, Place], int] = {}
        self._moves: Counter[str] = Counter()
        self._complaints: list[str] = []
        self._events: deque[str] = deque(maxlen=SHOWN_EVENTS)

    def join(self, name: str) -> None:
        """From here on this member counts."""
        with self._changed:
            self._owned[name] = set()
            self._note(name, "starts")

    def drop(self, name: str, why: str) -> None:
        """What this member has counts no more; what it still tells does."""
        with self._changed:
            self._owned.pop(name, None)
            self._note(name, why)

    def write(self, name: str, line: Mapping[str, Any]) -> None:
        """One line of a member."""
        with self._changed:
            for what, content in line.items():
                self._TAKES[what](self, name, content)
            self._changed.notify_all()

    def complain(self, complaint: str) -> None:
        """Something that must not happen did; whoever waits hears of it."""
        with self._changed:
            self._complaints.append(complaint)
            self._changed.notify_all()

    def owned(self) -> dict[str, set[Place]]:
        """Who says to have what, of the members that count."""
        with self._changed:
            return {name: set(places) for name, places in self._owned.items()}

    def moves(self, name: str | None = None) -> int:
        """How often a member, or any of them, was given or lost partitions."""
        with self._changed:
            return self._moves.total() if name is None else self._moves[name]

    def committed(self) -> dict[Place, int]:
        """The highest offset of each partition whose commit was acknowledged to anybody."""
        with self._changed:
            return dict(self._committed)

    def delivered(self) -> dict[Place, Counter[int]]:
        """How often each record was given to anybody."""
        with self._changed:
            return {place: Counter(offsets) for place, offsets in self._delivered.items()}

    def count(self) -> int:
        """How many records were given to anybody, each time counted."""
        with self._changed:
            return sum(offsets.total() for offsets in self._delivered.values())

    def commits(self) -> int:
        """How many offsets lie behind all that was committed."""
        with self._changed:
            return sum(self._committed.values())

    def undelivered(self, ends: Mapping[Place, int]) -> dict[Place, list[int]]:
        """Which records before these ends nobody was given; partitions that lack nothing are left out."""
        with self._changed:
            lacking = {
                place: [offset for offset in range(end) if offset not in self._delivered[place]]
                for place, end in ends.items()
                if len(self._delivered[place]) < end
            }
        return {place: offsets for place, offsets in lacking.items() if offsets}

    def wait_until(self, true: Callable[[], bool], what: str, within_s: float, report: Callable[[], str]) -> None:
        """Wait until something is so; what it waits for may only change with what is written here."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._complaints) or true(), within_s)
            if self._complaints:
                problem = "\n".join(self._complaints)
            elif true():
                return
            else:
                problem = f"not so after {within_s} s: {what}"
        raise AssertionError(f"{self._label}: {problem}\n{report()}\n{self.story()}")

    def story(self) -> str:
        """The latest events, for a failure."""
        with self._changed:
            shares = "\n".join(f"  {name} has {sorted(places)}" for name, places in sorted(self._owned.items()))
            committed = ", ".join(f"{topic}-{n}: {offset}" for (topic, n), offset in sorted(self._committed.items()))
            return f"members:\n{shares}\ncommitted: {committed}\nevents:\n" + "\n".join(self._events)

    def _assigned(self, name: str, places: Sequence[Sequence[Any]]) -> None:
        for topic, partition in places:
            self._last.pop((name, (topic, partition)), None)
            if name in self._owned:
                self._owned[name].add((topic, partition))
        self._moved(name, "gains", places)

    def _given_up(self, name: str, places: Sequence[Sequence[Any]]) -> None:
        for topic, partition in places:
            self._last.pop((name, (topic, partition)), None)
            if name in self._owned:
                self._owned[name].discard((topic, partition))
        self._moved(name, "gives up", places)

    def _records(self, name: str, records: Sequence[Sequence[Any]]) -> None:
        for topic, partition, offset in records:
            place = (topic, partition)
            last = self._last.get((name, place))
            if last is not None and offset > last + 1:
                self._complaints.append(f"{name} was given {offset} of {place} after {last}")
            self._last[name, place] = offset
            self._delivered[place][offset] += 1

    def _commits(self, name: str, offsets: Sequence[Sequence[Any]]) -> None:
        for topic, partition, offset in offsets:
            place = (topic, partition)
            self._committed[place] = max(offset, self._committed.get(place, 0))

    def _refused(self, name: str, error: str) -> None:
        self._note(name, f"is refused a commit: {error}")

    def _moved(self, name: str, verb: str, places: Sequence[Sequence[Any]]) -> None:
        self._moves[name] += 1
        self._note(name, f"{verb} {sorted((topic, partition) for topic, partition in places)}")

    def _note(self, name: str, event: str) -> None:
        self._events.append(f"  {time.monotonic() - self._began:7.3f} {name} {event}")
        self._changed.notify_all()

    _TAKES: Mapping[str, Callable[..., None]] = {
        "assigned": _assigned,
        "revoked": _given_up,
        "lost": _given_up,
        "records": _records,
        "committed": _commits,
        "refused": _refused,
    }


def brief(lacking: Mapping[Place, list[int]]) -> str:
    """What `undelivered` found, shortened."""
    return "; ".join(
        f"{topic}-{partition}: {len(offsets)} from {offsets[:SHOWN_OFFSETS]}"
        for (topic, partition), offsets in sorted(lacking.items())
    )
