"""The state of the cluster at one moment: topics, partitions, configs, quotas, brokers.

Lives here: immutable values and questions about them. Must not live here: changes (`replay` makes the next image) and
decisions (`topics`, `configs`, `quotas`, `features`, `producers`, `brokers`).

An image is never changed, so whoever holds one may read it at leisure, from any thread. Its dicts are plain dicts for
the sake of speed: nobody writes into them. The next image shares with this one everything that stayed the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

import msgspec

from cordwood.model.errors import UnknownTopic, UnknownTopicId
from cordwood.model.ids import TopicId
from cordwood.model.settings import Layers

NO_CONFIGS: Final[Mapping[str, str]] = MappingProxyType({})

INTERNAL_TOPICS: Final = frozenset({"__consumer_offsets", "__transaction_state", "__share_group_state"})
"""Topics that the cluster keeps for itself (Kafka's names)."""

METADATA_TOPIC: Final = "__cluster_metadata"
"""The name under which the log of these records lies on disk; no topic may have it."""


class Partition(msgspec.Struct, frozen=True, gc=False):
    """One partition of a topic.

    `leader` -1 means that there is none. `leader_epoch` counts leaders, `partition_epoch` counts every change.
    """

    index: int
    leader: int
    leader_epoch: int
    partition_epoch: int
    replicas: tuple[int, ...]
    isr: tuple[int, ...]


class Topic(msgspec.Struct, frozen=True):
    """A topic; `partitions[i].index == i`."""

    name: str
    id: TopicId
    partitions: tuple[Partition, ...]

    @property
    def internal(self) -> bool:
        """Whether the cluster keeps the topic for itself."""
        return self.name in INTERNAL_TOPICS

    @property
    def replication_factor(self) -> int:
        """The number of replicas of the first partition."""
        return len(self.partitions[0].replicas) if self.partitions else 0


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """An address at which clients reach a broker."""

    listener: str
    host: str
    port: int
    protocol: str = "PLAINTEXT"


class Broker(msgspec.Struct, frozen=True):
    """A registered broker; each registration has an epoch greater than all before it."""

    id: int
    epoch: int
    incarnation: bytes
    endpoints: tuple[Endpoint, ...]
    rack: str | None = None

    def endpoint(self, listener: str) -> Endpoint | None:
        """Where clients of a listener reach the broker; None if it has no such listener."""
        return next((endpoint for endpoint in self.endpoints if endpoint.listener == listener), None)


NO_DIRECTORY: Final = bytes(16)
"""A node's directory that nobody has heard of yet."""


class QuorumNode(msgspec.Struct, frozen=True):
    """A member of the quorum that keeps these records, or one that is to join it, and where the others reach it.

    Which of them vote is not said here: that is the configuration of the quorum itself.
    """

    id: int
    directory_id: bytes
    """Drawn when the node's directory was made: a node of that id with another directory is not the same."""
    endpoint: Endpoint


class ResourceKind(IntEnum):
    """What configs belong to; the numbers are those of DescribeConfigs."""

    TOPIC = 2
    BROKER = 4
    BROKER_LOGGER = 8
    """Levels of a broker's loggers: each broker keeps its own, and no record tells of them."""
    CLIENT_METRICS = 16
    GROUP = 32


class Resource(NamedTuple):
    """The owner of configs: a topic, a group or a subscription to metrics by name, a broker by its number in decimal.

    All brokers together have the empty name.
    """

    kind: int
    name: str


ALL_BROKERS: Final = Resource(ResourceKind.BROKER, "")


class EntityPart(NamedTuple):
    """A part of what a quota is for: a kind (user, client-id, ip) and a name; no name is the default of that kind."""

    kind: str
    name: str | None


QuotaEntity: TypeAlias = tuple[EntityPart, ...]
"""What a quota is for: one part for each of its kinds, in the order of the kinds' names."""


class Image(msgspec.Struct, frozen=True):
    """The state of the cluster.

    Rules that every image keeps:

    1. `topics` and `topics_by_id` hold the same topics.
    2. Every leader is in the ISR of its partition, and every ISR within the replicas.
    3. There are configs of a topic only where there is the topic; no resource has an empty dict of configs, and no
       entity one of quotas.
    4. Two images of one cluster with the same `revision` are equal.
    """

    revision: int = 0
    """The place in the log of the command that led to this image (`commands`); 0 for the image of the founding."""
    cluster_id: str = ""
    topics: dict[str, Topic] = {}
    topics_by_id: dict[TopicId, Topic] = {}
    configs: dict[Resource, dict[str, str]] = {}
    brokers: dict[int, Broker] = {}
    next_producer_id: int = 0
    last_broker_epoch: int = 0
    partition_count: int = 0
    quorum_nodes: dict[int, QuorumNode] = {}
    quotas: dict[QuotaEntity, dict[str, float]] = {}
    features: dict[str, int] = {}
    """The levels that were changed ever; any other feature has the level that clusters begin with (`features`)."""
    feature_epoch: int = 0
    """Counts the changes of levels."""

    def topic(self, name: str) -> Topic:
        """The topic of this name. Raises UnknownTopic."""
        found = self.topics.get(name)
        if found is None:
            raise UnknownTopic(name)
        return found

    def topic_by_id(self, topic_id: TopicId) -> Topic:
        """The topic with this id. Raises UnknownTopicId."""
        found = self.topics_by_id.get(topic_id)
        if found is None:
            raise UnknownTopicId(topic_id)
        return found

    def find_partition(self, topic: str, index: int) -> Partition | None:
        """The partition, or None when there is none."""
        found = self.topics.get(topic)
        if found is None or not 0 <= index < len(found.partitions):
            return None
        return found.partitions[index]

    def partition(self, topic: str, index: int) -> Partition:
        """The partition. Raises UnknownTopic."""
        found = self.find_partition(topic, index)
        if found is None:
            raise UnknownTopic(f"{topic}-{index}")
        return found

    def config_of(self, resource: Resource) -> Mapping[str, str]:
        """The settings given to a resource, as text."""
        return self.configs.get(resource, NO_CONFIGS)

    def configs_of_kind(self, kind: ResourceKind) -> dict[str, dict[str, str]]:
        """The settings given to each resource of a kind, by its name."""
        return {resource.name: configs for resource, configs in self.configs.items() if resource.kind == kind}

    def topic_configs(self, name: str) -> Mapping[str, str]:
        """The settings given to a topic, as text."""
        return self.config_of(Resource(ResourceKind.TOPIC, name))

    def broker_layers(self, broker_id: int, static: Mapping[str, str]) -> Layers:
        """What lies under the configs of topics, as one broker sees it; `static` is its own configuration."""
        return Layers(
            static=static,
            default_broker=self.config_of(ALL_BROKERS),
            broker=self.config_of(Resource(ResourceKind.BROKER, str(broker_id))),
        )


EMPTY: Final = Image()
"""The image before the first record."""
