"""What happened in a simulation, one line an event.

Lives here: events as text and as JSON, and how many there were. Must not live here: what is an event.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from cordwood.sim.loop import SimLoop


FREQUENT: Final = frozenset({"answer", "arrives", "commits", "compaction", "connects", "disk", "reads", "retry"})
"""What happens all the time: left out of the short story of a run."""

STORY_EVENTS: Final = 200
"""So many events does the short story have at most: the last ones."""


class Event(NamedTuple):
    """Something that happened, when, and its particulars in the order in which they are told."""

    at_us: int
    what: str
    particulars: dict[str, object]

    def __str__(self) -> str:
        words = " ".join(f"{name}={value}" for name, value in self.particulars.items())
        return f"{self.at_us / 1_000_000:12.6f} {self.what:12} {words}".rstrip()

    def as_json(self) -> str:
        """The event as one line of JSON."""
        return json.dumps({"at_us": self.at_us, "event": self.what, **self.particulars}, default=str)


class Trace:
    """Tells events to whoever observes, and counts them."""

    def __init__(self, loop: SimLoop, observe: Callable[[Event], None] | None = None) -> None:
        self._loop = loop
        self._observe = observe
        self.counts: Counter[str] = Counter()
        """How often each thing happened."""
        self.story: deque[Event] = deque(maxlen=STORY_EVENTS)
        """The events that are not frequent."""

    def note(self, what: str, **particulars: object) -> None:
        """Something happens now."""
        self.counts[what] += 1
        event = Event(self._loop.now_us, what, particulars)
        if what not in FREQUENT:
            self.story.append(event)
        if self._observe is not None:
            self._observe(event)
