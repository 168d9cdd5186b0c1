"""Decisions about topics: to create, to delete, to give more partitions.

Lives here: what CreateTopics, DeleteTopics and CreatePartitions come to, item by item, with the errors of Kafka's
controller. Must not live here: waiting, writing, and the making of topic ids, which come in from outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from cordwood.metadata.image import INTERNAL_TOPICS, METADATA_TOPIC, Image, Partition, ResourceKind, Topic
from cordwood.metadata.names import check_name, collision
from cordwood.metadata.placement import check_assignment, place
from cordwood.metadata.records import ConfigRecord, PartitionRecord, Record, RemoveTopic, TopicRecord
from cordwood.metadata.replay import Draft
from cordwood.metadata.result import Result
from cordwood.model.errors import (
    CordwoodError,
    InvalidConfig,
    InvalidPartitions,
    InvalidReplicaAssignment,
    InvalidReplicationFactor,
    InvalidRequest,
    InvalidTopicName,
    PolicyViolation,
    TopicDeletionDisabled,
    TopicExists,
)
from cordwood.model.ids import NO_TOPIC_ID, TopicId
from cordwood.model.limits import REPLICAS_LIMIT
from cordwood.model.settings import check_topic_configs

BROKER_DEFAULT: Final = -1
"""Asks for the broker's default number of partitions or replicas."""

PARTITIONS_LIMIT: Final = 10_000
"""The most partitions that one request may create (as Kafka)."""

RESERVED_IDS: Final = frozenset({NO_TOPIC_ID, TopicId((1).to_bytes(16, "big"))})
"""No topic has one of these: none, and the one that Kafka keeps for its metadata log."""


class Assignment(msgspec.Struct, frozen=True):
    """The brokers that a client chose for a partition; the first is to lead."""

    partition: int
    brokers: tuple[int, ...]


class NewTopic(msgspec.Struct, frozen=True):
    """A topic that a client wants. Numbers of -1 ask for the default, or go with `assignments`."""

    name: str
    partitions: int = BROKER_DEFAULT
    replication_factor: int = BROKER_DEFAULT
    assignments: tuple[Assignment, ...] = ()
    configs: tuple[tuple[str, str | None], ...] = ()


class InternalTopic(msgspec.Struct, frozen=True):
    """What one of the cluster's own topics needs, whoever creates it."""

    partitions: int
    replication_factor: int
    """At most: a cluster with fewer brokers has one replica on each, and none has more than REPLICAS_LIMIT."""
    configs: tuple[tuple[str, str], ...] = ()
    min_in_sync_replicas: int = 0
    """Becomes `min.insync.replicas` of the topic, but never more than it has replicas; 0 leaves it to the broker."""

    def configs_for(self, replica_count: int) -> tuple[tuple[str, str], ...]:
        """Its configurations when it has so many replicas."""
        if not self.min_in_sync_replicas:
            return self.configs
        return (*self.configs, ("min.insync.replicas", str(min(self.min_in_sync_replicas, replica_count))))


class TopicDefaults(msgspec.Struct, frozen=True):
    """What a topic gets whose creator does not say."""

    partitions: int = 1
    replication_factor: int = 1
    internal: dict[str, InternalTopic] = {}
    """The cluster's own topics, by name."""

    def creates(self, name: str) -> bool:
        """Whether a topic may be made because somebody asks for it: of the cluster's own only those that it uses."""
        return name in self.internal or name not in INTERNAL_TOPICS


class Created(msgspec.Struct, frozen=True):
    """What became of a NewTopic: a topic (which is only an outlook when nothing was to be created), or an error."""

    name: str
    topic: Topic | None
    configs: dict[str, str]
    error: CordwoodError | None


class Doomed(msgspec.Struct, frozen=True):
    """A topic to delete, by its name or by its id."""

    name: str | None = None
    id: TopicId = NO_TOPIC_ID


class Deleted(msgspec.Struct, frozen=True):
    """What became of a Doomed, with the name and the id as far as they are known."""

    name: str | None
    id: TopicId
    error: CordwoodError | None


class MorePartitions(msgspec.Struct, frozen=True):
    """A topic and the number of partitions it is to have, with the brokers of the new ones if the client chose them."""

    name: str
    count: int
    assignments: tuple[tuple[int, ...], ...] | None = None


class Grown(msgspec.Struct, frozen=True):
    """What became of a MorePartitions."""

    name: str
    error: CordwoodError | None


W = TypeVar("W", NewTopic, MorePartitions)

Charge: TypeAlias = Callable[[str, int], None]
"""Told that a topic is to get or lose so many partitions; raises the error of the item if they are too many for now."""


def free(name: str, partitions: int) -> None:
    """Charges nothing."""


def new_topic_id(token: Callable[[int], bytes]) -> TopicId:
    """A topic id from a source of random bytes."""
    topic_id = TopicId(token(16))
    while topic_id in RESERVED_IDS:
        topic_id = TopicId(token(16))
    return topic_id


def create(
    image: Image,
    wanted: Sequence[NewTopic],
    *,
    new_id: Callable[[], TopicId],
    defaults: TopicDefaults,
    validate_only: bool = False,
    charge: Charge = free,
) -> Result[list[Created]]:
    """Creates topics; the reply is in the order of the wish, with one answer for a name that is given twice.

    `new_id` gives a random id that no topic ever had. With `validate_only` there are no records, and the reply tells what
    would be. Raises PolicyViolation for too many partitions in all. Errors of items: InvalidRequest, InvalidTopicName,
    TopicExists, InvalidConfig, InvalidPartitions, InvalidReplicationFactor, InvalidReplicaAssignment.
    """
    counts = Counter(item.name for item in wanted)
    _check_room(sum(_count(item, defaults) for item in wanted if counts[item.name] == 1))
    taken = dict.fromkeys(image.topics)
    records: list[Record] = []
    reply = []
    for item in (_completed(image, item, defaults) for item in _first_of_each(wanted)):
        try:
            if counts[item.name] > 1:
                raise InvalidRequest(f"the request names topic {item.name} {counts[item.name]} times")
            _check_free(item.name, taken)
            configs = _checked_configs(item)
            layout = _layout(image, item, defaults, new_id())
            charge(item.name, len(layout) - 1)
        except CordwoodError as error:
            reply.append(Created(item.name, None, {}, error))
            continue
        taken[item.name] = None
        made = (*layout, *(ConfigRecord(ResourceKind.TOPIC, item.name, *pair) for pair in configs.items()))
        records += made
        reply.append(Created(item.name, _outlook(made, item.name), configs, None))
    return Result(() if validate_only else tuple(records), reply)


def delete(
    image: Image, doomed: Sequence[Doomed], *, enabled: bool = True, charge: Charge = free
) -> Result[list[Deleted]]:
    """Deletes topics; the reply is in the order of the wish, with one answer for what is named twice.

    Errors of items: InvalidRequest, UnknownTopic, UnknownTopicId, TopicDeletionDisabled.
    """
    found = {item: _find_doomed(image, item, enabled) for item in doomed}
    given = Counter(doomed)
    topics = Counter(topic.id for topic in found.values() if isinstance(topic, Topic))
    records: list[Record] = []
    reply = []
    for item, topic in found.items():
        if isinstance(topic, CordwoodError):
            reply.append(Deleted(item.name, item.id, topic))
        elif given[item] > 1:
            reply.append(Deleted(item.name, item.id, InvalidRequest("the request names the topic more than once")))
        elif topics[topic.id] == 1:
            error = _charged(topic, charge)
            records += [] if error else [RemoveTopic(topic.id)]
            reply.append(Deleted(topic.name, topic.id, error))
        elif item.name is not None:  # Given by its id, too: one answer tells it of both.
            twice = InvalidRequest(f"the request names topic {topic.name} by its name and by its id")
            reply.append(Deleted(topic.name, topic.id, twice))
    return Result(tuple(records), reply)


def _charged(topic: Topic, charge: Charge) -> CordwoodError | None:
    """What is against the loss of all partitions of a topic."""
    try:
        charge(topic.name, len(topic.partitions))
    except CordwoodError as error:
        return error
    return None


def create_partitions(
    image: Image, wanted: Sequence[MorePartitions], *, validate_only: bool = False, charge: Charge = free
) -> Result[list[Grown]]:
    """Gives topics more partitions; the reply is in the order of the wish, with one answer for a name that is given twice.

    With `validate_only` there are no records. Errors of items: InvalidRequest, UnknownTopic, InvalidPartitions,
    InvalidReplicaAssignment, PolicyViolation.
    """
    counts = Counter(item.name for item in wanted)
    records: list[Record] = []
    reply = []
    for item in _first_of_each(wanted):
        try:
            if counts[item.name] > 1:
                raise InvalidRequest(f"the request names topic {item.name} {counts[item.name]} times")
            more = _more(image, item, PARTITIONS_LIMIT - len(records))
            charge(item.name, len(more))
            records += more
        except CordwoodError as error:
            reply.append(Grown(item.name, error))
        else:
            reply.append(Grown(item.name, None))
    return Result(() if validate_only else tuple(records), reply)


def _first_of_each(wanted: Sequence[W]) -> Iterable[W]:
    """One wish for each name, in the order in which the names come."""
    return {item.name: item for item in wanted}.values()


def _count(item: NewTopic, defaults: TopicDefaults) -> int:
    """How many partitions a topic would get; none where its number is not possible."""
    if item.assignments:
        return len(item.assignments)
    needed = defaults.internal.get(item.name)
    by_default = defaults.partitions if needed is None else needed.partitions
    return by_default if item.partitions == BROKER_DEFAULT else max(0, item.partitions)


def _check_free(name: str, taken: dict[str, None]) -> None:
    if name == METADATA_TOPIC:
        raise InvalidRequest(f"{name} is the name of the cluster's own log: no topic can have it")
    check_name(name)
    if name in taken:
        raise TopicExists(name)
    other = collision(name, taken)
    if other is not None:
        raise InvalidTopicName(name, f"metrics could not tell it from the topic {other}")


def _completed(image: Image, item: NewTopic, defaults: TopicDefaults) -> NewTopic:
    """The wish; for a topic of the cluster's own with what it needs where the creator does not say."""
    needed = defaults.internal.get(item.name)
    if needed is None:
        return item
    if item.assignments:
        return replace(item, configs=_with_needed(item, needed, len(item.assignments[0].brokers)))
    factor = item.replication_factor
    if factor == BROKER_DEFAULT:
        factor = max(1, min(needed.replication_factor, len(image.brokers), REPLICAS_LIMIT))
    return replace(
        item,
        partitions=needed.partitions if item.partitions == BROKER_DEFAULT else item.partitions,
        replication_factor=factor,
        configs=_with_needed(item, needed, factor),
    )


def _with_needed(item: NewTopic, needed: InternalTopic, replica_count: int) -> tuple[tuple[str, str | None], ...]:
    """The configurations that the creator gives, and those that are needed and not given."""
    given = {name for name, _ in item.configs}
    return (*item.configs, *(pair for pair in needed.configs_for(max(1, replica_count)) if pair[0] not in given))


def _checked_configs(item: NewTopic) -> dict[str, str]:
    configs: dict[str, str] = {}
    for name, value in item.configs:
        if value is None:
            raise InvalidConfig(f"{name} is given without a value: leave it out to have the default")
        configs[name] = value  # What comes twice counts as it came last (as Kafka).
    check_topic_configs(configs)
    return configs


def _layout(
    image: Image, item: NewTopic, defaults: TopicDefaults, topic_id: TopicId
) -> tuple[TopicRecord | PartitionRecord, ...]:
    """The records of a topic and its partitions."""
    if item.assignments:
        replicas = _assigned(image, item)
    else:
        count, factor = _numbers(item, defaults)
        # The id is random, so it also spreads the first leaders of topics over the brokers.
        replicas = place(tuple(image.brokers), range(count), factor, start=int.from_bytes(topic_id[-4:], "big"))
    partitions = (PartitionRecord(topic_id, index, brokers) for index, brokers in enumerate(replicas))
    return (TopicRecord(item.name, topic_id), *partitions)


def _numbers(item: NewTopic, defaults: TopicDefaults) -> tuple[int, int]:
    """The number of partitions and of replicas. Raises InvalidPartitions, InvalidReplicationFactor."""
    count = defaults.partitions if item.partitions == BROKER_DEFAULT else item.partitions
    factor = defaults.replication_factor if item.replication_factor == BROKER_DEFAULT else item.replication_factor
    if factor < 1:
        raise InvalidReplicationFactor(
            f"replication factor {factor} is not possible: 1 at least, or -1 for the default"
        )
    if count < 1:
        raise InvalidPartitions(f"{count} partitions are not possible: 1 at least, or -1 for the default")
    _check_replicas(factor)
    return count, factor


def _assigned(image: Image, item: NewTopic) -> tuple[tuple[int, ...], ...]:
    """The replicas that the client chose, by partition. Raises InvalidRequest, InvalidReplicaAssignment."""
    if item.partitions != BROKER_DEFAULT or item.replication_factor != BROKER_DEFAULT:
        raise InvalidRequest("partitions are assigned to brokers: leave their number and the replication factor at -1")
    chosen = {assignment.partition: assignment.brokers for assignment in item.assignments}
    if len(chosen) < len(item.assignments):
        raise InvalidReplicaAssignment("a partition is assigned twice")
    if set(chosen) != set(range(len(chosen))):
        raise InvalidReplicaAssignment("assigned partitions must be numbered from 0 without gaps")
    for index in range(len(chosen)):
        check_assignment(chosen[index], image.brokers, factor=None if index == 0 else len(chosen[0]))
        _check_replicas(len(chosen[index]))
    return tuple(chosen[index] for index in range(len(chosen)))


def _outlook(made: Sequence[Record], name: str) -> Topic:
    """The topic that these records make."""
    draft = Draft(Image())
    for record in made:
        draft.replay(record)
    return draft.image().topics[name]


def _find_doomed(image: Image, item: Doomed, enabled: bool) -> Topic | CordwoodError:
    try:
        if not enabled:
            raise TopicDeletionDisabled
        if (item.name is None) == (item.id == NO_TOPIC_ID):
            raise InvalidRequest("name a topic to delete by its name or by its id, and not by both")
        return image.topic_by_id(item.id) if item.name is None else image.topic(item.name)
    except CordwoodError as error:
        return error


def _more(image: Image, item: MorePartitions, room: int) -> list[PartitionRecord]:
    topic = image.topic(item.name)
    current = len(topic.partitions)
    additional = item.count - current
    if additional < 0:
        raise InvalidPartitions(f"topic {item.name} has {current} partitions, more than {item.count}; none can go")
    if additional == 0:
        raise InvalidPartitions(f"topic {item.name} has {current} partitions already")
    _check_room(additional, room)
    partitions = range(current, item.count)
    if item.assignments is None:
        replicas = place(
            tuple(image.brokers), partitions, topic.replication_factor, start=_turn(image, topic.partitions)
        )
    else:
        replicas = item.assignments
        if len(replicas) != additional:
            raise InvalidReplicaAssignment(f"{additional} partitions are added, {len(replicas)} assignments are given")
        for brokers in replicas:
            check_assignment(brokers, image.brokers, factor=topic.replication_factor)
    return [PartitionRecord(topic.id, index, brokers) for index, brokers in zip(partitions, replicas, strict=True)]


def _turn(image: Image, partitions: Sequence[Partition]) -> int:
    """The turn at which the first partition began, so that further ones go on with the round."""
    brokers = sorted(image.brokers)
    first = partitions[0].replicas[0]
    return brokers.index(first) if first in brokers else 0


def _check_replicas(count: int) -> None:
    if count > REPLICAS_LIMIT:
        raise InvalidReplicationFactor(
            f"{count} replicas are not possible: Cordwood does not replicate partitions yet, each has {REPLICAS_LIMIT}"
        )


def _check_room(count: int, room: int = PARTITIONS_LIMIT) -> None:
    if count > room:
        raise PolicyViolation(f"one request can create {PARTITIONS_LIMIT} partitions at most: spread them over several")
