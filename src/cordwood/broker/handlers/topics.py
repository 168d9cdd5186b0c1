"""Topics come, go and grow: CreateTopics (19), DeleteTopics (20), CreatePartitions (37).

A topic's logs exist before its creation is answered, and are out of reach before its deletion is. What changes is charged
to the client's quota of partitions (`broker.quotas.mutation_quota`).
"""

from __future__ import annotations

from typing import Final

from cordwood.broker.context import Call, Context
from cordwood.broker.deadlines import patience_s
from cordwood.broker.quotas.mutation_quota import Mutations
from cordwood.metadata import topics
from cordwood.metadata.topics import Assignment, Created, Deleted, Doomed, Grown, MorePartitions, NewTopic
from cordwood.model.errors import CordwoodError
from cordwood.model.ids import BrokerId, TopicId
from cordwood.model.settings import describe_topic
from cordwood.wire.errors import ErrorCode, code_of
from cordwood.wire.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
    CreatePartitionsTopicResult,
)
from cordwood.wire.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfigs,
    CreatableTopicResult,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from cordwood.wire.messages.delete_topics import DeletableTopicResult, DeleteTopicsRequest, DeleteTopicsResponse

FIRST_DISABLED: Final = 3
"""The first version of DeleteTopics whose clients know TOPIC_DELETION_DISABLED."""

STRICT_CREATION: Final = 6
STRICT_DELETION: Final = 5
STRICT_GROWTH: Final = 3
"""The first versions of CreateTopics, DeleteTopics and CreatePartitions whose clients know THROTTLING_QUOTA_EXCEEDED."""


# CreateTopics.


async def handle_create_topics(context: Context, call: Call, request: CreateTopicsRequest) -> CreateTopicsResponse:
    """Creates what can be created; each topic has its own error."""
    wanted = [_wanted(topic) for topic in request.topics]
    mutations = Mutations.of(context, call, strict=call.api_version >= STRICT_CREATION)
    try:
        created = await context.controller.propose(
            lambda image: topics.create(
                image,
                wanted,
                new_id=lambda: topics.new_topic_id(context.dice.token),
                defaults=context.settings.topic_defaults,
                validate_only=request.validate_only,
                charge=topics.free if request.validate_only else mutations.charge,
            ),
            patience_s(request.timeout_ms),
        )
    except CordwoodError as error:
        created = [Created(name=topic.name, error=error, topic=None, configs={}) for topic in wanted]
    mutations.tell(call)
    return CreateTopicsResponse(topics=[_created(context, item) for item in created])


def _wanted(topic: CreatableTopic) -> NewTopic:
    return NewTopic(
        name=topic.name,
        partitions=topic.num_partitions,
        replication_factor=topic.replication_factor,
        assignments=tuple(
            Assignment(assignment.partition_index, tuple(BrokerId(broker) for broker in assignment.broker_ids))
            for assignment in topic.assignments
        ),
        configs=tuple((config.name, config.value) for config in topic.configs),
    )


def _created(context: Context, item: Created) -> CreatableTopicResult:
    if item.error is not None or item.topic is None:
        error = item.error
        assert error is not None, "a topic that was not created has an error"
        return CreatableTopicResult(name=item.name, error_code=code_of(error), error_message=str(error))
    entries = describe_topic(item.configs, context.layers)
    return CreatableTopicResult(
        name=item.name,
        topic_id=item.topic.id,
        num_partitions=len(item.topic.partitions),
        replication_factor=len(item.topic.partitions[0].replicas),
        configs=[
            CreatableTopicConfigs(
                name=entry.name,
                value=entry.value,
                read_only=entry.read_only,
                config_source=entry.source,
                is_sensitive=entry.sensitive,
            )
            for entry in entries
        ],
    )


# DeleteTopics.


async def handle_delete_topics(context: Context, call: Call, request: DeleteTopicsRequest) -> DeleteTopicsResponse:
    """Deletes by name or by id."""
    enabled = context.settings.delete_topic_enabled
    if not enabled and call.api_version < FIRST_DISABLED:
        return _deletion_refused(request)
    doomed = [Doomed(name=name) for name in request.topic_names]
    doomed += [Doomed(name=state.name, id=TopicId(bytes(state.topic_id))) for state in request.topics]
    mutations = Mutations.of(context, call, strict=call.api_version >= STRICT_DELETION)
    try:
        deleted = await context.controller.propose(
            lambda image: topics.delete(image, doomed, enabled=enabled, charge=mutations.charge),
            patience_s(request.timeout_ms),
        )
    except CordwoodError as error:
        deleted = [Deleted(name=topic.name, id=topic.id, error=error) for topic in doomed]
    mutations.tell(call)
    return DeleteTopicsResponse(responses=[_deleted(item) for item in deleted])


def _deletion_refused(request: DeleteTopicsRequest) -> DeleteTopicsResponse:
    """What clients are told that do not know TOPIC_DELETION_DISABLED."""
    code = ErrorCode.INVALID_REQUEST
    return DeleteTopicsResponse(responses=[DeletableTopicResult(name=n, error_code=code) for n in request.topic_names])


def _deleted(item: Deleted) -> DeletableTopicResult:
    result = DeletableTopicResult(name=item.name, topic_id=item.id)
    if item.error is not None:
        result.error_code = code_of(item.error)
        result.error_message = str(item.error)
    return result


# CreatePartitions.


async def handle_create_partitions(
    context: Context, call: Call, request: CreatePartitionsRequest
) -> CreatePartitionsResponse:
    """Adds partitions to topics; none are ever taken away."""
    wanted = [_more(topic) for topic in request.topics]
    mutations = Mutations.of(context, call, strict=call.api_version >= STRICT_GROWTH)
    charge = topics.free if request.validate_only else mutations.charge
    try:
        grown = await context.controller.propose(
            lambda image: topics.create_partitions(image, wanted, validate_only=request.validate_only, charge=charge),
            patience_s(request.timeout_ms),
        )
    except CordwoodError as error:
        grown = [Grown(name=topic.name, error=error) for topic in wanted]
    mutations.tell(call)
    return CreatePartitionsResponse(results=[_grown(item) for item in grown])


def _more(topic: CreatePartitionsTopic) -> MorePartitions:
    assignments = None
    if topic.assignments is not None:
        assignments = tuple(tuple(BrokerId(broker) for broker in item.broker_ids) for item in topic.assignments)
    return MorePartitions(name=topic.name, count=topic.count, assignments=assignments)


def _grown(item: Grown) -> CreatePartitionsTopicResult:
    if item.error is None:
        return CreatePartitionsTopicResult(name=item.name)
    return CreatePartitionsTopicResult(name=item.name, error_code=code_of(item.error), error_message=str(item.error))
