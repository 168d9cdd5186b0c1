"""Commands about offsets have the defaults of the clients that say the least."""

from __future__ import annotations

from cordwood.groups.offsets.commands import Commit, CommitOffset, DeleteOffsets, FetchOffsets, ForgetTopics
from cordwood.model.ids import NO_PRODUCER_ID, NO_TOPIC_ID, TopicPartition


def test_a_commit_is_by_nobody_in_the_group_by_default():
    commit = Commit("g", (CommitOffset("t", 0, 5),))
    assert (commit.member_id, commit.generation, commit.retention_ms) == ("", -1, -1)
    assert commit.producer_id == NO_PRODUCER_ID
    assert commit.offsets[0] == CommitOffset("t", 0, 5, -1, "", NO_TOPIC_ID)


def test_a_fetch_is_of_everything_by_default():
    assert FetchOffsets("g").partitions is None
    assert not FetchOffsets("g").require_stable


def test_commands_are_values():
    assert DeleteOffsets("g", (TopicPartition("t", 0),)) == DeleteOffsets("g", (TopicPartition("t", 0),))
    assert ForgetTopics(frozenset({"t"})) == ForgetTopics(frozenset({"t"}))
