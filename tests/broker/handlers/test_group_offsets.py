"""OffsetCommit, OffsetFetch, OffsetDelete."""

from __future__ import annotations

from typing import Any

import pytest

from cordwood.wire.errors import ErrorCode
from cordwood.wire.messages.delete_records import DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic
from cordwood.wire.messages.find_coordinator import FindCoordinatorRequest
from cordwood.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from cordwood.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from cordwood.wire.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from cordwood.wire.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
)
from tests.broker.handlers.members import member_of
from tests.broker.handlers.messages import produce
from tests.raw_client import RawClient


def id_of(client: RawClient, topic: str) -> bytes:
    metadata = client.ask(MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), 12)
    return bytes(metadata.topics[0].topic_id)


def commit(
    client: RawClient, group: str, topic: str, offsets: dict[int, int], version: int = 9, *, text: str | None = "note"
) -> list[int]:
    """Commits from outside of the group; the error codes."""
    partitions = [
        OffsetCommitRequestPartition(
            partition_index=index, committed_offset=offset, committed_leader_epoch=3, committed_metadata=text
        )
        for index, offset in offsets.items()
    ]
    topics = [OffsetCommitRequestTopic(name=topic, topic_id=id_of(client, topic), partitions=partitions)]
    answer = client.ask(OffsetCommitRequest(group_id=group, topics=topics), version)
    return [partition.error_code for partition in answer.topics[0].partitions]


def committed(client: RawClient, group: str, topic: str, *partitions: int, version: int = 9) -> dict[int, Any]:
    """The answers for each partition."""
    if version < 8:
        asked = [OffsetFetchRequestTopic(topic, list(partitions))]
        answer = client.ask(OffsetFetchRequest(group_id=group, topics=asked), version)
        assert answer.error_code == 0
    else:
        of = OffsetFetchRequestTopics(name=topic, topic_id=id_of(client, topic), partition_indexes=list(partitions))
        request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=[of])])
        (answer,) = client.ask(request, version).groups
        assert (answer.group_id, answer.error_code) == (group, 0)
    return {found.partition_index: found for one in answer.topics for found in one.partitions}


@pytest.mark.parametrize("version", range(2, 11))
def test_commits_of_every_version(client: RawClient, topic: str, group: str, version: int) -> None:
    assert commit(client, group, topic, {0: 42, 1: 7}, version) == [0, 0]
    found = committed(client, group, topic, 0, 1)
    assert [(found[index].committed_offset, found[index].metadata) for index in (0, 1)] == [(42, "note"), (7, "note")]
    assert found[0].committed_leader_epoch == (3 if version >= 6 else -1)


@pytest.mark.parametrize("version", range(1, 11))
def test_fetches_of_every_version(client: RawClient, topic: str, group: str, version: int) -> None:
    assert commit(client, group, topic, {0: 42}) == [0]
    found = committed(client, group, topic, 0, 1, version=version)
    assert (found[0].committed_offset, found[0].error_code, found[0].metadata) == (42, 0, "note")
    assert (found[1].committed_offset, found[1].error_code) == (-1, 0)
    unknown = committed(client, "never heard of", topic, 0, version=version)
    assert (unknown[0].committed_offset, unknown[0].error_code) == (-1, 0)


@pytest.mark.parametrize("version", range(2, 11))
def test_all_offsets_of_a_group(client: RawClient, topic: str, group: str, version: int) -> None:
    assert commit(client, group, topic, {1: 5}) == [0]
    if version < 8:
        answer = client.ask(OffsetFetchRequest(group_id=group, topics=None), version)
    else:
        request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=None)])
        (answer,) = client.ask(request, version).groups
    (found,) = answer.topics
    assert [(one.partition_index, one.committed_offset) for one in found.partitions] == [(1, 5)]
    if version >= 10:
        assert bytes(found.topic_id) == id_of(client, topic)
    else:
        assert found.name == topic


def test_several_groups_at_once(client: RawClient, topic: str, group: str) -> None:
    assert commit(client, group, topic, {0: 1}) == [0]
    assert commit(client, f"{group} too", topic, {0: 2}) == [0]
    of = [OffsetFetchRequestTopics(name=topic, partition_indexes=[0])]
    names = [group, f"{group} too", "a third"]
    request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=name, topics=of) for name in names])
    answer = client.ask(request, 8)
    found = [(one.group_id, one.topics[0].partitions[0].committed_offset) for one in answer.groups]
    assert found == list(zip(names, [1, 2, -1], strict=True))


def test_what_is_not_there_cannot_be_committed(client: RawClient, topic: str, group: str) -> None:
    assert commit(client, group, topic, {0: 1, 9: 1}) == [0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
    missing = [
        OffsetCommitRequestTopic(
            name="nowhere", topic_id=b"\x07" * 16, partitions=[OffsetCommitRequestPartition(partition_index=0)]
        )
    ]
    for version, code in ((9, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION), (10, ErrorCode.UNKNOWN_TOPIC_ID)):
        answer = client.ask(OffsetCommitRequest(group_id=group, topics=missing), version)
        assert answer.topics[0].partitions[0].error_code == code
    of = OffsetFetchRequestTopics(topic_id=b"\x07" * 16, partition_indexes=[0])
    (asked,) = client.ask(OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=[of])]), 10).groups
    (found,) = asked.topics
    assert bytes(found.topic_id) == b"\x07" * 16
    assert found.partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID


def test_metadata_has_its_bound(client: RawClient, topic: str, group: str) -> None:
    assert commit(client, group, topic, {0: 1}, text="x" * 5000) == [ErrorCode.OFFSET_METADATA_TOO_LARGE]
    assert committed(client, group, topic, 0)[0].committed_offset == -1


def test_only_members_of_this_generation_commit(client: RawClient, topic: str, group: str) -> None:
    joined = member_of(client, group)
    partitions = [OffsetCommitRequestPartition(partition_index=0, committed_offset=3)]

    def code(member: str, generation: int) -> int:
        request = OffsetCommitRequest(
            group_id=group,
            member_id=member,
            generation_id_or_member_epoch=generation,
            topics=[OffsetCommitRequestTopic(name=topic, partitions=partitions)],
        )
        return int(client.ask(request, 7).topics[0].partitions[0].error_code)

    assert code("", -1) == ErrorCode.UNKNOWN_MEMBER_ID
    assert code("nobody", 1) == ErrorCode.UNKNOWN_MEMBER_ID
    assert code(joined.member_id, 2) == ErrorCode.ILLEGAL_GENERATION
    assert code(joined.member_id, 1) == 0


def test_the_empty_name_commits_as_well(client: RawClient, topic: str) -> None:
    client.ask(FindCoordinatorRequest(key=""), 3)
    assert commit(client, "", topic, {0: 11}) == [0]
    assert committed(client, "", topic, 0)[0].committed_offset == 11


def test_offsets_are_deleted(client: RawClient, topic: str, group: str) -> None:
    def delete(name: str, *indexes: int) -> Any:
        partitions = [OffsetDeleteRequestPartition(index) for index in indexes]
        request = OffsetDeleteRequest(group_id=name, topics=[OffsetDeleteRequestTopic(topic, partitions)])
        return client.ask(request, 0)

    assert delete("never heard of", 0).error_code == ErrorCode.GROUP_ID_NOT_FOUND
    assert commit(client, group, topic, {0: 1, 1: 2}) == [0, 0]
    answer = delete(group, 0, 9)
    assert answer.error_code == 0
    codes = [partition.error_code for partition in answer.topics[0].partitions]
    assert codes == [0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
    found = committed(client, group, topic, 0, 1)
    assert (found[0].committed_offset, found[1].committed_offset) == (-1, 2)
    member_of(client, group)
    assert delete(group, 1).error_code == ErrorCode.NON_EMPTY_GROUP


def test_nobody_else_writes_into_the_log_of_offsets(client: RawClient, topic: str, group: str) -> None:
    assert commit(client, group, topic, {0: 1}) == [0]
    name = "__consumer_offsets"
    assert produce(client, name, [b"mischief"]).error_code == ErrorCode.INVALID_TOPIC_EXCEPTION
    partitions = [DeleteRecordsPartition(partition_index=0, offset=-1)]
    request = DeleteRecordsRequest(topics=[DeleteRecordsTopic(name=name, partitions=partitions)])
    (answer,) = client.ask(request, 2).topics[0].partitions
    assert answer.error_code == ErrorCode.INVALID_TOPIC_EXCEPTION
    assert committed(client, group, topic, 0)[0].committed_offset == 1
