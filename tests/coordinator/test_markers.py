"""Every partition of a transaction gets its marker, whatever becomes of the others."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.coordinator import markers as module
from cordwood.coordinator.markers import RETRY_MS, MarkerWriter
from cordwood.coordinator.transaction_counts import TransactionCounts
from cordwood.coordinator.transaction_marker import Tell, TransactionMarker
from cordwood.model.errors import DiskFull, InvalidProducerEpoch, TransactionCoordinatorFenced
from cordwood.model.ids import TopicPartition
from cordwood.txns.commands import MarkersWritten
from cordwood.txns.replies import Markers

P0, P1, P2 = (TopicPartition("orders", index) for index in range(3))
FULL = DiskFull("/data", "keeping disk.reserve.bytes free", OSError(28, "no room"))


class Runner:
    """A shard that is led in epoch 5."""

    def __init__(self) -> None:
        self.leader_epoch = 5
        self.is_active = True
        self.told: list[MarkersWritten] = []

    def tell(self, command: MarkersWritten) -> None:
        self.told.append(command)


class Routes:
    """Partitions whose outcomes the test says."""

    def __init__(self) -> None:
        self.gone: set[TopicPartition] = set()
        self.written: list[tuple[TopicPartition, TransactionMarker]] = []
        self.tells: list[tuple[TopicPartition, Tell]] = []
        self.failing: dict[TopicPartition, Any] = {}

    def is_gone(self, name: TopicPartition) -> bool:
        return name in self.gone

    def write(self, name: TopicPartition, marker: TransactionMarker, tell: Tell) -> None:
        self.written.append((name, marker))
        if name in self.failing:
            tell(self.failing[name])
        else:
            self.tells.append((name, tell))

    def durable(self) -> None:
        tells, self.tells = self.tells, []
        for _, tell in tells:
            tell(None)


class Timer:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """Time passes when the test says."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Any]] = []
        self.timer = Timer()

    def call_later(self, delay: float, call: Any) -> Timer:
        self.due.append((delay, call))
        return self.timer

    def turn(self) -> None:
        due, self.due = self.due, []
        for _, call in due:
            call()


class Bench:
    def __init__(self) -> None:
        self.routes, self.loop, self.runner, self.counts = Routes(), Loop(), Runner(), TransactionCounts()
        self.writer = MarkerWriter(self.routes, self.counts, self.loop)  # type: ignore[arg-type]

    def begin(self, *names: TopicPartition, of: str = "payments", epoch: int = 3) -> None:
        markers = Markers(of, 7, epoch, True, frozenset(names), 2)
        self.writer.begin(self.runner, markers)  # type: ignore[arg-type]

    def names(self) -> list[TopicPartition]:
        written, self.routes.written = self.routes.written, []
        return [name for name, _ in written]


DONE = MarkersWritten("payments", 7, 3)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_transaction_is_over_when_all_its_markers_are_durable(bench: Bench) -> None:
    bench.begin(P1, P0, P2)
    assert bench.routes.written == [(name, TransactionMarker(7, 3, True, 5, 2)) for name in (P0, P1, P2)]
    first, *others = bench.routes.tells
    for _, tell in others:
        tell(None)
    assert bench.runner.told == []
    first[1](None)
    assert bench.runner.told == [DONE]
    assert (bench.counts.written_markers, bench.writer.ending_count) == (3, 0)


def test_without_partitions_nothing_is_to_be_written(bench: Bench) -> None:
    bench.begin()
    assert bench.runner.told == [DONE]


def test_a_partition_whose_topic_was_deleted_is_left_out(bench: Bench) -> None:
    bench.routes.gone = {P0, P1}
    bench.begin(P0, P1, P2)
    assert bench.names() == [P2]
    bench.routes.durable()
    assert bench.runner.told == [DONE]
    assert bench.counts.dropped_markers == 2


def test_a_topic_that_is_deleted_while_its_marker_waits_ends_the_waiting(bench: Bench) -> None:
    bench.routes.failing[P0] = FULL
    bench.begin(P0)
    bench.routes.gone = {P0}
    bench.loop.turn()
    assert bench.runner.told == [DONE]


def test_a_partition_that_cannot_be_written_is_tried_again_and_holds_up_nobody(bench: Bench) -> None:
    bench.routes.failing[P1] = FULL
    bench.begin(P0, P1)
    bench.begin(P0, P2, of="other")
    bench.routes.durable()
    assert [told.transactional_id for told in bench.runner.told] == ["other"]
    assert bench.names() == [P0, P1, P0, P2]
    assert [delay for delay, _ in bench.loop.due] == [RETRY_MS / 1000]
    for _ in range(3):
        bench.loop.turn()
    assert bench.names() == [P1] * 3
    assert (bench.counts.marker_failures, bench.writer.failed_count) == (4, 1)
    del bench.routes.failing[P1]
    bench.loop.turn()
    bench.routes.durable()
    assert bench.runner.told[1:] == [DONE]
    assert bench.loop.due == []


def test_what_is_tried_again_is_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRIED_AT_ONCE", 10)
    names = [TopicPartition("orders", index) for index in range(25)]
    bench.routes.failing = dict.fromkeys(names, FULL)
    bench.begin(*names)
    assert bench.names() == names
    turns = []
    for _ in range(5):
        bench.loop.turn()
        turns.append(bench.names())
    assert [len(turn) for turn in turns] == [10] * 5
    assert [name for turn in turns for name in turn] == names * 2


def test_a_coordinator_that_is_one_no_more_tries_nothing_again(bench: Bench) -> None:
    bench.routes.failing[P0] = TransactionCoordinatorFenced(7, 6, 5)
    bench.begin(P0, P1)
    bench.runner.is_active = False
    bench.loop.turn()
    bench.routes.durable()
    assert bench.names() == [P0, P1]
    assert bench.runner.told == []
    assert (bench.writer.ending_count, bench.writer.failed_count, bench.loop.due) == (0, 0, [])


def test_a_shard_that_is_loaded_anew_begins_anew(bench: Bench) -> None:
    bench.begin(P0)
    (before,) = bench.routes.tells
    bench.routes.tells = []
    bench.begin(P0)
    before[1](None)
    assert bench.runner.told == []
    bench.routes.durable()
    assert bench.runner.told == [DONE]


def test_a_partition_that_knows_a_later_epoch_needs_no_marker(bench: Bench) -> None:
    bench.routes.failing[P0] = InvalidProducerEpoch(7, 4, 3)
    bench.begin(P0)
    assert bench.runner.told == [DONE]
    assert (bench.counts.written_markers, bench.counts.dropped_markers) == (0, 1)


def test_after_the_end_nothing_is_written(bench: Bench) -> None:
    bench.routes.failing[P0] = FULL
    bench.begin(P0, P1)
    bench.writer.close()
    bench.routes.durable()
    assert bench.loop.timer.cancelled
    assert bench.runner.told == []


def test_what_has_changed_need_not_wait(bench: Bench) -> None:
    bench.writer.try_again()
    bench.routes.failing[P0] = FULL
    bench.begin(P0)
    del bench.routes.failing[P0]
    bench.writer.try_again()
    bench.routes.durable()
    assert bench.loop.timer.cancelled
    assert bench.runner.told == [DONE]
