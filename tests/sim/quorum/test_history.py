"""Operations, topic by topic."""

from __future__ import annotations

from cordwood.sim.quorum.history import History, Kind, Operation, Told


def test_operations_are_kept_by_topic_and_told_in_a_line():
    history = History()
    first = history.ask(Operation("a", Kind.CREATE, "x", None, 1_000_000))
    history.ask(Operation("b", Kind.SET, "y", "7", 2_000_000, 2_500_000, Told.DONE))
    assert history.topics() == ["x", "y"]
    assert history.of("x") == [first]
    assert [str(one) for one in history.operations] == [
        "a: create x: unknown (1.000 to )",
        "b: set y=7: done (2.000 to 2.500)",
    ]
