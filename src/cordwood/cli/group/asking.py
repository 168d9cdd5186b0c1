"""What a cluster says of its groups.

Lives here: the calls of the admin client, and their answers as values of our own. Must not live here: what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from threading import Event
from typing import Any, Final, NamedTuple, TypeAlias

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import ConsumerGroupDescription, MemberDescription

from cordwood.cli.client.connecting import Cluster
from cordwood.cli.client.deadline import Deadline
from cordwood.cli.client.errors import error_of, exit_of
from cordwood.cli.client.offsets import Place
from cordwood.cli.terminal.exits import Exit
from cordwood.env.clock import SystemClock

STATES: Final = {
    "PREPARING_REBALANCING": "PreparingRebalance",
    "COMPLETING_REBALANCING": "CompletingRebalance",
    "STABLE": "Stable",
    "DEAD": "Dead",
    "EMPTY": "Empty",
    "UNKNOWN": "Unknown",
}
"""Kafka's names of librdkafka's states."""

REBALANCING: Final = "Reconciling"
"""A group of KIP-848 that assigns or reconciles: librdkafka has no name for either."""

MOVING: Final = frozenset({"NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS", "COORDINATOR_NOT_AVAILABLE"})
"""What is said of a group whose coordinator is about to be another, or is only beginning."""

ASK_AGAIN_S: Final = 0.1

DEAD: Final = "Dead"
EMPTY: Final = "Empty"

Refused: TypeAlias = KafkaError

_wait = Event().wait


class Listing(NamedTuple):
    """A group as lists have it. `is_simple` groups have offsets and never had members."""

    group: str
    state: str
    type: str
    is_simple: bool


class Member(NamedTuple):
    """A member and its partitions; the target is known of groups of KIP-848 only."""

    member_id: str
    instance_id: str | None
    client_id: str
    host: str
    assignment: tuple[Place, ...]
    target: tuple[Place, ...] | None


class Coordinator(NamedTuple):
    """The broker that keeps a group."""

    node_id: int
    host: str
    port: int


class Group(NamedTuple):
    """A group as it is described."""

    group: str
    state: str
    type: str
    assignor: str | None
    coordinator: Coordinator | None
    members: tuple[Member, ...]


def list_groups(kafka: Cluster) -> tuple[list[Listing], list[Refused]]:
    """All groups by name, and what became of brokers that do not say. Raises KafkaException if none does."""
    result = kafka.wait(kafka.admin.list_consumer_groups(request_timeout=kafka.timeout_s))
    found = [
        Listing(one.group_id, _state(one.state, one.type), _type(one.type), one.is_simple_consumer_group)
        for one in result.valid
    ]
    # librdkafka's documents promise exceptions here; it gives the errors themselves.
    refused = [error if isinstance(error, KafkaError) else error_of(error) for error in result.errors]
    if refused and len(refused) >= len(kafka.metadata().brokers):
        raise KafkaException(refused[0])
    return sorted(found), refused


def describe_groups(kafka: Cluster, groups: Iterable[str]) -> dict[str, Group | Refused | None]:
    """The groups, or why they are not told; None for those that are not there.

    Kafka calls such a group dead, and from DescribeGroups 6 on (KIP-1043) it answers with an error.
    """
    names = list(dict.fromkeys(groups))
    if not names:
        return {}
    told = _settled(
        kafka, names, lambda some: kafka.admin.describe_consumer_groups(some, request_timeout=kafka.timeout_s)
    )
    return {
        name: _refused(outcome) if isinstance(outcome, KafkaError) else _group(outcome)
        for name, outcome in told.items()
    }


def committed_offsets(kafka: Cluster, groups: Iterable[str]) -> dict[str, dict[Place, int] | Refused]:
    """The offsets that groups have committed."""

    def ask(names: list[str]) -> dict[str, Future[Any]]:
        futures: dict[str, Future[Any]] = {}
        for name in names:
            asked = [ConsumerGroupTopicPartitions(name)]
            futures |= kafka.admin.list_consumer_group_offsets(asked, request_timeout=kafka.timeout_s)
        return futures

    return {
        name: outcome if isinstance(outcome, KafkaError) else _offsets(outcome.topic_partitions or [])
        for name, outcome in _settled(kafka, list(dict.fromkeys(groups)), ask).items()
    }


def commit_offsets(kafka: Cluster, group: str, offsets: Mapping[Place, int]) -> dict[Place, Refused | None]:
    """Commits offsets for a group without members; what became of each."""
    partitions = [TopicPartition(topic, partition, offset) for (topic, partition), offset in offsets.items()]
    request = [ConsumerGroupTopicPartitions(group, partitions)]
    outcome = _settled(
        kafka,
        [group],
        lambda _: kafka.admin.alter_consumer_group_offsets(request, request_timeout=kafka.timeout_s),
    )[group]
    if isinstance(outcome, KafkaError):
        return dict.fromkeys(offsets, outcome)
    return {(one.topic, one.partition): one.error for one in outcome.topic_partitions or []}


def _settled(kafka: Cluster, names: list[str], ask: Callable[[list[str]], Mapping[str, Future[Any]]]) -> dict[str, Any]:
    """What becomes of each group, asked again for so long as its coordinator moves or is only beginning."""
    deadline = Deadline(kafka.timeout_s, SystemClock())
    told = dict(kafka.outcomes(ask(names)))
    while moving := [name for name, outcome in told.items() if _is_moving(outcome)]:
        if deadline.left_s <= ASK_AGAIN_S:
            break
        _wait(ASK_AGAIN_S)
        told |= kafka.outcomes(ask(moving))
    return told


def _is_moving(outcome: object) -> bool:
    return isinstance(outcome, KafkaError) and outcome.name() in MOVING


def _refused(error: Refused) -> Refused | None:
    return None if exit_of(error) is Exit.NOT_FOUND else error


def _group(told: ConsumerGroupDescription) -> Group | None:
    node = told.coordinator
    coordinator = None if node.id < 0 else Coordinator(node.id, node.host, node.port)
    members = tuple(sorted(_member(member) for member in told.members))
    state = _state(told.state, told.type)
    if state == DEAD and not members:
        return None
    return Group(told.group_id, state, _type(told.type), told.partition_assignor or None, coordinator, members)


def _member(told: MemberDescription) -> Member:
    target = told.target_assignment
    return Member(
        told.member_id,
        told.group_instance_id,
        told.client_id,
        told.host.removeprefix("/"),
        _places(told.assignment.topic_partitions),
        None if target is None else _places(target.topic_partitions),
    )


def _places(partitions: Iterable[TopicPartition]) -> tuple[Place, ...]:
    return tuple(sorted((one.topic, one.partition) for one in partitions))


def _offsets(partitions: Iterable[TopicPartition]) -> dict[Place, int]:
    return {(one.topic, one.partition): one.offset for one in partitions if one.offset >= 0}


def _state(state: Any, kind: Any) -> str:  # noqa: ANN401 - librdkafka's own enumerations
    name = STATES[state.name]
    return REBALANCING if name == "Unknown" and kind.name == "CONSUMER" else name


def _type(kind: Any) -> str:  # noqa: ANN401 - librdkafka's own enumeration
    return str(kind.name).capitalize()
