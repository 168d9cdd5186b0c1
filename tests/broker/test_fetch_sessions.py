"""Sessions hold a model's promises: what was asked and not forgotten is what is wanted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordwood.broker.fetch_sessions import EVICTION_IDLE_MS, FetchPlan, FetchSessions
from cordwood.env.dice import SeededDice
from cordwood.model.ids import TimestampMs
from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.fetch import FetchPartition, FetchRequest, FetchTopic, ForgottenTopic


class HandClock:
    def __init__(self) -> None:
        self.now = 0

    def now_ms(self) -> TimestampMs:
        return TimestampMs(self.now)

    def monotonic(self) -> float:
        return self.now / 1000


def sessions(limit: int = 10) -> tuple[FetchSessions, HandClock]:
    clock = HandClock()
    return FetchSessions(limit, clock, SeededDice(1)), clock


def request(
    session_id: int, epoch: int, wanted: dict[int, int] | None = None, gone: list[int] | None = None
) -> FetchRequest:
    partitions = [FetchPartition(partition=index, fetch_offset=offset) for index, offset in (wanted or {}).items()]
    return FetchRequest(
        session_id=session_id,
        session_epoch=epoch,
        topics=[FetchTopic(topic="t", partitions=partitions)] if partitions else [],
        forgotten_topics_data=[ForgottenTopic(topic="t", partitions=gone)] if gone else [],
    )


def offsets(plan: FetchPlan) -> dict[int, int]:
    return {wanted.partition: wanted.fetch_offset for wanted in plan.wanted}


def test_no_session_unless_wanted() -> None:
    table, _ = sessions()
    plan = table.plan(request(0, -1, {0: 5}), uses_ids=False)
    assert (plan.session_id, plan.full, offsets(plan)) == (0, True, {0: 5})
    assert len(table) == 0


def test_a_full_fetch_without_partitions_makes_no_session() -> None:
    table, _ = sessions()
    assert table.plan(request(0, 0), uses_ids=False).session_id == 0


@given(
    st.dictionaries(st.integers(0, 9), st.integers(0, 99), min_size=1),
    st.lists(st.tuples(st.dictionaries(st.integers(0, 9), st.integers(0, 99)), st.lists(st.integers(0, 9)))),
)
def test_a_session_is_what_was_asked_and_not_forgotten(
    first: dict[int, int], steps: list[tuple[dict[int, int], list[int]]]
) -> None:
    table, _ = sessions()
    plan = table.plan(request(0, 0, first), uses_ids=False)
    model = dict(first)
    for epoch, (asked, forgotten) in enumerate(steps, start=1):
        for index in forgotten:
            model.pop(index, None)
        model.update(asked)
        plan = table.plan(request(plan.session_id, epoch, asked, forgotten), uses_ids=False)
        assert (plan.error, plan.full, offsets(plan)) == (ErrorCode.NONE, False, model)


def test_epochs_ids_and_kinds_must_match() -> None:
    table, _ = sessions()
    plan = table.plan(request(0, 0, {0: 0}), uses_ids=False)
    assert table.plan(request(plan.session_id, 2), uses_ids=False).error == ErrorCode.INVALID_FETCH_SESSION_EPOCH
    assert table.plan(request(plan.session_id, 1), uses_ids=True).error == ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR
    assert table.plan(request(plan.session_id + 1, 1), uses_ids=False).error == ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    assert table.plan(request(plan.session_id, 1), uses_ids=False).error == ErrorCode.NONE


def test_the_last_epoch_ends_a_session_and_the_first_replaces_it() -> None:
    table, _ = sessions()
    plan = table.plan(request(0, 0, {0: 0}), uses_ids=False)
    newer = table.plan(request(plan.session_id, 0, {1: 0}), uses_ids=False)
    assert newer.session_id not in (0, plan.session_id)
    assert len(table) == 1
    assert table.plan(request(newer.session_id, -1, {1: 0}), uses_ids=False).session_id == 0
    assert len(table) == 0


def test_a_full_table_makes_room_only_of_idle_sessions() -> None:
    table, clock = sessions(limit=2)
    ids = [table.plan(request(0, 0, {0: 0}), uses_ids=False).session_id for _ in range(2)]
    assert table.plan(request(0, 0, {0: 0}), uses_ids=False).session_id == 0
    clock.now += EVICTION_IDLE_MS
    assert table.plan(request(ids[0], 1), uses_ids=False).error == ErrorCode.NONE
    assert table.plan(request(0, 0, {0: 0}), uses_ids=False).session_id != 0
    assert table.plan(request(ids[1], 1), uses_ids=False).error == ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    assert table.plan(request(ids[0], 2), uses_ids=False).error == ErrorCode.NONE
    assert (len(table), table.evictions_total) == (2, 1)


def test_partitions_that_were_served_go_to_the_end() -> None:
    table, _ = sessions()
    plan = table.plan(request(0, 0, {0: 0, 1: 0, 2: 0}), uses_ids=False)
    assert plan.session is not None
    plan.session.served(plan.wanted[0])
    assert list(offsets(table.plan(request(plan.session_id, 1), uses_ids=False))) == [1, 2, 0]
