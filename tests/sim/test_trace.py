"""Events as lines."""

from __future__ import annotations

import json

from cordwood.env.dice import SeededDice
from cordwood.sim.loop import new_loop
from cordwood.sim.trace import STORY_EVENTS, Event, Trace


def test_an_event_is_a_line():
    event = Event(1_500_000, "kill", {"machine": "n1", "lost_bytes": 7})
    assert str(event) == "    1.500000 kill         machine=n1 lost_bytes=7"
    assert json.loads(event.as_json()) == {"at_us": 1_500_000, "event": "kill", "machine": "n1", "lost_bytes": 7}


def test_events_are_counted_whether_or_not_somebody_observes():
    seen = []
    for observe in (None, seen.append):
        trace = Trace(new_loop(SeededDice(0)), observe)
        trace.note("kill", machine="n1")
        trace.note("kill", machine="n2")
        assert trace.counts == {"kill": 2}
    assert [event.particulars["machine"] for event in seen] == ["n1", "n2"]


def test_the_story_leaves_out_what_happens_all_the_time():
    trace = Trace(new_loop(SeededDice(0)))
    trace.note("disk", operation="write")
    trace.note("kill", machine="n1")
    assert [event.what for event in trace.story] == ["kill"]
    for number in range(STORY_EVENTS):
        trace.note("start", number=number)
    assert len(trace.story) == STORY_EVENTS
    assert trace.counts["disk"] == 1
