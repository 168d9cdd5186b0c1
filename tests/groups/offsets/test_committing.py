"""Who may commit, what is kept with an offset, and what a commit does for its member."""

from __future__ import annotations

import pytest

from cordwood.groups.offsets.commands import Commit, CommitOffset
from cordwood.groups.offsets.records import OffsetCommitted
from cordwood.groups.offsets.replies import OffsetsCommitted
from cordwood.model.errors import UnsupportedVersion
from cordwood.model.group_errors import (
    GroupNotFound,
    IllegalGeneration,
    OffsetMetadataTooLarge,
    StaleMemberEpoch,
    UnknownMember,
)
from cordwood.model.ids import TopicId
from tests.groups.driver import Driver

DONE = OffsetsCommitted((None,))


def test_an_offset_is_written_with_all_that_came_with_it():
    driver = Driver()
    topic_id = TopicId(b"i" * 16)
    assert driver.run(Commit("g", (CommitOffset("orders", 3, 50, 7, "note", topic_id),))) == DONE
    assert driver.written == [
        OffsetCommitted("g", "orders", 3, 50, 7, "note", driver.now_ms, -1, topic_id),
    ]


def test_whoever_commits_without_a_group_makes_a_simple_one():
    driver = Driver()
    assert driver.commit("g", "orders", 0, 5) == DONE
    assert driver.shard.groups["g"].members == {}
    assert driver.commit("g", "orders", 0, 6) == DONE
    assert driver.offsets("g") == {("orders", 0): 6}


@pytest.mark.parametrize(("knows_epochs", "error"), [(True, GroupNotFound), (False, IllegalGeneration)])
def test_a_member_of_a_group_that_is_not_there(knows_epochs, error):
    driver = Driver()
    answer = driver.commit("g", "orders", 0, 5, member_id="m", generation=3, knows_epochs=knows_epochs)
    assert isinstance(answer, error)
    assert driver.written == []


def test_a_transaction_of_a_group_that_is_not_there():
    answer = Driver().commit("g", "orders", 0, 5, generation=3, producer_id=9)
    assert isinstance(answer, IllegalGeneration)


def test_each_text_that_is_too_long_has_its_own_error():
    driver = Driver(offset_metadata_max_bytes=3)
    answer = driver.run(
        Commit("g", (CommitOffset("orders", 0, 5, metadata="long"), CommitOffset("orders", 1, 6, metadata="ok")))
    )
    too_long, fine = answer.errors
    assert isinstance(too_long, OffsetMetadataTooLarge)
    assert fine is None
    assert driver.offsets("g") == {("orders", 1): 6}


def test_a_retention_time_of_the_client_is_kept():
    driver = Driver()
    driver.commit("g", "orders", 0, 5, retention_ms=60_000)
    (record,) = driver.written
    assert isinstance(record, OffsetCommitted)
    assert record.expire_timestamp_ms == driver.now_ms + 60_000


def test_a_commit_keeps_the_session_of_a_classic_member():
    driver = Driver()
    member, generation = driver.classic_member("g", "orders")
    before = driver.timers["classic-session", "g", member]
    driver.now_ms += 1_000
    assert driver.commit("g", "orders", 0, 5, member_id=member, generation=generation) == DONE
    assert driver.timers["classic-session", "g", member] == before + 1_000


def test_strangers_do_not_commit_for_a_group_with_members():
    driver = Driver()
    driver.classic_member("g", "orders")
    assert isinstance(driver.commit("g", "orders", 0, 5), UnknownMember)


def test_a_member_that_does_not_know_its_newest_epoch():
    driver = Driver()
    epoch = driver.consumer_member("g", "one", "orders")
    assert driver.commit("g", "orders", 0, 5, member_id="one", generation=epoch) == DONE
    late = {"member_id": "one", "generation": epoch - 1}
    assert isinstance(driver.commit("g", "orders", 0, 6, **late), StaleMemberEpoch)
    assert isinstance(driver.commit("g", "orders", 0, 6, **late, knows_epochs=False), UnsupportedVersion)
    assert isinstance(driver.commit("g", "orders", 0, 6, **late, producer_id=9), IllegalGeneration)
    assert driver.offsets("g") == {("orders", 0): 5}


def test_a_commit_within_a_transaction_waits_for_its_end():
    driver = Driver()
    driver.commit("g", "orders", 0, 5)
    assert driver.commit("g", "orders", 0, 9, producer_id=7, producer_epoch=2) == DONE
    assert driver.offsets("g") == {("orders", 0): 5}
    driver.shard.complete_transaction(7, committed=True)
    assert driver.offsets("g") == {("orders", 0): 9}
