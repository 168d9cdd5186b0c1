"""How far groups have read: OffsetCommit (8), OffsetFetch (9), OffsetDelete (47).

Here topics are looked up, by name or by id; what a group may commit is decided by its coordinator. An empty group id is
a name like any other here, which clients of old rely on.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cordwood.broker.context import Call, Context
from cordwood.broker.group_calls import ask
from cordwood.broker.later import Later, gathered, then
from cordwood.groups.offsets.commands import Commit, CommitOffset, DeleteOffsets, FetchOffsets
from cordwood.groups.offsets.replies import FetchedOffset, OffsetsCommitted, OffsetsDeleted, OffsetsFetched
from cordwood.metadata import Image
from cordwood.model.errors import CordwoodError
from cordwood.model.ids import TopicId, TopicPartition
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
    OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
)
from cordwood.wire.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)
from cordwood.wire.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)

FIRST_VERSION_WITH_TOPIC_IDS: Final = 10
"""Of OffsetCommit and OffsetFetch."""

FIRST_COMMIT_WITH_EPOCHS: Final = 9
"""From then on clients know the errors of KIP-848."""

FIRST_FETCH_OF_MANY: Final = 8
FIRST_FETCH_WITH_ERROR: Final = 2
"""The first version of OffsetFetch that has an error for the whole group."""


# OffsetCommit.


def handle_offset_commit(context: Context, call: Call, request: OffsetCommitRequest) -> Later[OffsetCommitResponse]:
    """Commits the offsets of the partitions that there are."""
    response = OffsetCommitResponse()
    by_id = call.api_version >= FIRST_VERSION_WITH_TOPIC_IDS
    offsets: list[CommitOffset] = []
    owed: list[OffsetCommitResponsePartition] = []
    for topic in request.topics:
        answers = [OffsetCommitResponsePartition(data.partition_index) for data in topic.partitions]
        response.topics.append(OffsetCommitResponseTopic(name=topic.name, topic_id=topic.topic_id, partitions=answers))
        for offset, answer in zip(_committed(context.image, topic, by_id=by_id), answers, strict=True):
            if isinstance(offset, ErrorCode):
                answer.error_code = offset
            else:
                offsets.append(offset)
                owed.append(answer)
    if not offsets:
        return response

    def respond(reply: OffsetsCommitted | CordwoodError) -> OffsetCommitResponse:
        errors = (reply,) * len(owed) if isinstance(reply, CordwoodError) else reply.errors
        for answer, error in zip(owed, errors, strict=True):
            if error is not None:
                answer.error_code = code_of(error)
        return response

    command = Commit(
        request.group_id,
        tuple(offsets),
        member_id=request.member_id,
        instance_id=request.group_instance_id,
        generation=request.generation_id_or_member_epoch,
        retention_ms=request.retention_time_ms,
        knows_epochs=call.api_version >= FIRST_COMMIT_WITH_EPOCHS,
    )
    return ask(context, command, respond)


def _committed(image: Image, topic: OffsetCommitRequestTopic, *, by_id: bool) -> list[CommitOffset | ErrorCode]:
    """What is to be committed for each partition of the request's topic, or why it cannot be."""
    if by_id:
        found = image.topics_by_id.get(TopicId(bytes(topic.topic_id)))
        missing = ErrorCode.UNKNOWN_TOPIC_ID
    else:
        found = image.topics.get(topic.name)
        missing = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if found is None:
        return [missing] * len(topic.partitions)
    return [
        CommitOffset(
            found.name,
            data.partition_index,
            data.committed_offset,
            data.committed_leader_epoch,
            data.committed_metadata or "",
            found.id,
        )
        if 0 <= data.partition_index < len(found.partitions)
        else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        for data in topic.partitions
    ]


# OffsetFetch.


class _Topic(NamedTuple):
    """A topic of a question; without a name when there is none with that id."""

    name: str
    id: bytes
    partitions: list[int]


class _Question(NamedTuple):
    """What one group is asked, whatever the version; topics None asks for all that it has."""

    group: str
    topics: list[_Topic] | None
    member_id: str | None
    member_epoch: int
    by_id: bool


def handle_offset_fetch(context: Context, call: Call, request: OffsetFetchRequest) -> Later[OffsetFetchResponse]:
    """Answers what was committed: by one group up to version 7, by several since."""
    stable = request.require_stable
    if call.api_version >= FIRST_FETCH_OF_MANY:
        by_id = call.api_version >= FIRST_VERSION_WITH_TOPIC_IDS
        questions = [_question(context.image, group, by_id=by_id) for group in request.groups]
        answers = gathered(context, [_fetch(context, question, stable=stable) for question in questions])
        return then(context, answers, lambda groups: OffsetFetchResponse(groups=groups))
    topics = None
    if request.topics is not None:
        topics = [_Topic(topic.name, b"", topic.partition_indexes) for topic in request.topics]
    question = _Question(request.group_id, topics, None, -1, by_id=False)

    def respond(group: OffsetFetchResponseGroup) -> OffsetFetchResponse:
        if group.error_code and call.api_version < FIRST_FETCH_WITH_ERROR:
            group.topics = _refused(question.topics or [], group.error_code)
        return OffsetFetchResponse(error_code=group.error_code, topics=[_old(topic) for topic in group.topics])

    return then(context, _fetch(context, question, stable=stable), respond)


def _question(image: Image, group: OffsetFetchRequestGroup, *, by_id: bool) -> _Question:
    topics = None
    if group.topics is not None:
        topics = []
        for topic in group.topics:
            name = topic.name
            if by_id:
                found = image.topics_by_id.get(TopicId(bytes(topic.topic_id)))
                name = "" if found is None else found.name
            topics.append(_Topic(name, bytes(topic.topic_id), topic.partition_indexes))
    return _Question(group.group_id, topics, group.member_id, group.member_epoch, by_id)


def _fetch(context: Context, question: _Question, *, stable: bool) -> Later[OffsetFetchResponseGroup]:
    partitions = None
    if question.topics is not None:
        partitions = tuple(
            TopicPartition(topic.name, index) for topic in question.topics if topic.name for index in topic.partitions
        )
    command = FetchOffsets(question.group, partitions, question.member_id, question.member_epoch, stable)

    def respond(reply: OffsetsFetched | CordwoodError) -> OffsetFetchResponseGroup:
        if isinstance(reply, CordwoodError):
            return OffsetFetchResponseGroup(group_id=question.group, error_code=code_of(reply))
        topics = _found(context.image, question, reply)
        return OffsetFetchResponseGroup(group_id=question.group, topics=topics)

    return ask(context, command, respond)


def _found(image: Image, question: _Question, reply: OffsetsFetched) -> list[OffsetFetchResponseTopics]:
    """The offsets topic by topic, after those of the topics whose id nobody knows."""
    unknown = [topic for topic in question.topics or () if not topic.name]
    topics = _refused(unknown, ErrorCode.UNKNOWN_TOPIC_ID)
    by_name: dict[str, OffsetFetchResponseTopics] = {}
    for offset in reply.offsets:
        topic = by_name.get(offset.topic)
        if topic is None:
            topic = by_name[offset.topic] = OffsetFetchResponseTopics(name=offset.topic)
        topic.partitions.append(_fetched(offset))
    for name, topic in by_name.items():
        if question.by_id:
            if name not in image.topics:
                continue  # The topic was deleted: it has no id by which it could be named.
            topic.topic_id = image.topics[name].id
        topics.append(topic)
    return topics


def _fetched(offset: FetchedOffset) -> OffsetFetchResponsePartitions:
    return OffsetFetchResponsePartitions(
        partition_index=offset.partition,
        committed_offset=offset.offset,
        committed_leader_epoch=offset.leader_epoch,
        metadata=offset.metadata,
        error_code=0 if offset.error is None else code_of(offset.error),
    )


def _refused(topics: list[_Topic], code: int) -> list[OffsetFetchResponseTopics]:
    return [
        OffsetFetchResponseTopics(
            name=topic.name,
            topic_id=topic.id,
            partitions=[
                OffsetFetchResponsePartitions(partition_index=index, committed_offset=-1, metadata="", error_code=code)
                for index in topic.partitions
            ],
        )
        for topic in topics
    ]


def _old(topic: OffsetFetchResponseTopics) -> OffsetFetchResponseTopic:
    """The same as it was said up to version 7."""
    return OffsetFetchResponseTopic(
        name=topic.name,
        partitions=[
            OffsetFetchResponsePartition(
                data.partition_index,
                data.committed_offset,
                data.committed_leader_epoch,
                data.metadata,
                data.error_code,
            )
            for data in topic.partitions
        ],
    )


# OffsetDelete.


def handle_offset_delete(context: Context, call: Call, request: OffsetDeleteRequest) -> Later[OffsetDeleteResponse]:
    """Removes offsets of partitions that there are, and of topics that the group does not consume."""
    response = OffsetDeleteResponse()
    partitions: list[TopicPartition] = []
    owed: list[OffsetDeleteResponsePartition] = []
    for topic in request.topics:
        answers = [OffsetDeleteResponsePartition(data.partition_index) for data in topic.partitions]
        response.topics.append(OffsetDeleteResponseTopic(name=topic.name, partitions=answers))
        for answer in answers:
            if context.image.find_partition(topic.name, answer.partition_index) is None:
                answer.error_code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            else:
                partitions.append(TopicPartition(topic.name, answer.partition_index))
                owed.append(answer)

    def respond(reply: OffsetsDeleted | CordwoodError) -> OffsetDeleteResponse:
        if isinstance(reply, CordwoodError):
            return OffsetDeleteResponse(error_code=code_of(reply))
        for answer, error in zip(owed, reply.errors, strict=True):
            if error is not None:
                answer.error_code = code_of(error)
        return response

    return ask(context, DeleteOffsets(request.group_id, tuple(partitions)), respond)
