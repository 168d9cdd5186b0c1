"""An image as bytes, and an image from bytes: what a snapshot of the metadata holds.

    +---------+--------+------+--------+------+-- ... --+--------+-----+
    | version | length | item | length | item |         | length | end |    length: 4 bytes, big-endian
    | 1 byte  |        |      |        |      |         |        |     |    item: MessagePack map, "type" -> its name
    +---------+--------+------+--------+------+-- ... --+--------+-----+

    order: cluster, nodes of the quorum by id, brokers by id, topics by name, each followed by its partitions in pieces,
    configs by kind and name, quotas by entity, features if any was changed, end

Equal images have equal bytes, on every node. The version is 1; a later Cordwood may add fields that have defaults. An
item or a version that is not known is an error: it is not guessed at. docs/formats/metadata-snapshot.md has the format.

Lives here: those bytes. Must not live here: files and checksums (`consensus`), when a snapshot is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Final, assert_never

import msgspec

from cordwood.metadata.image import Broker, Endpoint, Image, Partition, QuorumNode, QuotaEntity, Resource, Topic
from cordwood.model.errors import InvalidMetadata
from cordwood.model.ids import TopicId

FORMAT_VERSION: Final = 1
PARTITIONS_LIMIT: Final = 1_000
"""So many partitions are in one item, at most."""
ITEM_LIMIT_BYTES: Final = 64 << 20
"""A longer item is damage."""

_LENGTH: Final = Struct(">I")


class _Cluster(msgspec.Struct, frozen=True, tag_field="type", tag="cluster"):
    cluster_id: str
    revision: int
    next_producer_id: int
    last_broker_epoch: int


class _QuorumNode(msgspec.Struct, frozen=True, tag_field="type", tag="quorum-node"):
    id: int
    directory_id: bytes
    endpoint: Endpoint


class _Broker(msgspec.Struct, frozen=True, tag_field="type", tag="broker"):
    id: int
    epoch: int
    incarnation: bytes
    endpoints: tuple[Endpoint, ...]
    rack: str | None = None


class _Topic(msgspec.Struct, frozen=True, tag_field="type", tag="topic"):
    name: str
    id: TopicId


class _Partition(msgspec.Struct, frozen=True, array_like=True):
    leader: int
    leader_epoch: int
    partition_epoch: int
    replicas: tuple[int, ...]
    isr: tuple[int, ...]


class _Partitions(msgspec.Struct, frozen=True, tag_field="type", tag="partitions"):
    """The next ones of the topic that came last."""

    partitions: tuple[_Partition, ...]


class _Configs(msgspec.Struct, frozen=True, tag_field="type", tag="configs"):
    kind: int
    resource: str
    values: tuple[tuple[str, str], ...]


class _Quotas(msgspec.Struct, frozen=True, tag_field="type", tag="quotas"):
    entity: QuotaEntity
    values: tuple[tuple[str, float], ...]


class _Features(msgspec.Struct, frozen=True, tag_field="type", tag="features"):
    epoch: int
    levels: tuple[tuple[str, int], ...]


class _End(msgspec.Struct, frozen=True, tag_field="type", tag="end"):
    """Nothing is missing."""

    partition_count: int


_Item = _Cluster | _QuorumNode | _Broker | _Topic | _Partitions | _Configs | _Quotas | _Features | _End

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Item)


def parts(image: Image) -> Iterator[bytes]:
    """The bytes of an image, in parts."""
    yield bytes((FORMAT_VERSION,))
    for item in _items(image):
        data = _encoder.encode(item)
        yield _LENGTH.pack(len(data)) + data


def _items(image: Image) -> Iterator[_Item]:
    yield _Cluster(image.cluster_id, image.revision, image.next_producer_id, image.last_broker_epoch)
    for _, node in sorted(image.quorum_nodes.items()):
        yield _QuorumNode(node.id, node.directory_id, node.endpoint)
    for _, broker in sorted(image.brokers.items()):
        yield _Broker(broker.id, broker.epoch, broker.incarnation, broker.endpoints, broker.rack)
    for _, topic in sorted(image.topics.items()):
        yield _Topic(topic.name, topic.id)
        for start in range(0, len(topic.partitions), PARTITIONS_LIMIT):
            yield _Partitions(tuple(map(_stored, topic.partitions[start : start + PARTITIONS_LIMIT])))
    for resource, values in sorted(image.configs.items()):
        yield _Configs(resource.kind, resource.name, tuple(sorted(values.items())))
    for entity, quotas in sorted(image.quotas.items(), key=lambda item: _place(item[0])):
        yield _Quotas(entity, tuple(sorted(quotas.items())))
    if image.feature_epoch:
        yield _Features(image.feature_epoch, tuple(sorted(image.features.items())))
    yield _End(image.partition_count)


def _place(entity: QuotaEntity) -> list[tuple[str, bool, str]]:
    """The place of an entity in the order: the default of a kind comes before all names."""
    return [(part.kind, part.name is not None, part.name or "") for part in entity]


def _stored(partition: Partition) -> _Partition:
    return _Partition(
        partition.leader, partition.leader_epoch, partition.partition_epoch, partition.replicas, partition.isr
    )


def restore(stored: Iterable[bytes]) -> Image:
    """The image whose bytes these are, in parts of any size. Raises InvalidMetadata."""
    building = _Building()
    for data in _framed(stored):
        try:
            item: _Item = _decoder.decode(data)
        except msgspec.MsgspecError as error:
            raise InvalidMetadata(f"an item of a snapshot cannot be read: {error}") from error
        building.add(item)
    return building.image()


def _framed(stored: Iterable[bytes]) -> Iterator[bytes]:
    """The items in a run of bytes."""
    buffer = bytearray()
    version: int | None = None
    for part in stored:
        buffer += part
        start = 0
        if version is None and buffer:
            version, start = buffer[0], 1
            if version != FORMAT_VERSION:
                raise InvalidMetadata(f"a snapshot has format version {version}, this Cordwood reads {FORMAT_VERSION}")
        while len(buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer, start)
            if length > ITEM_LIMIT_BYTES:
                raise InvalidMetadata(f"an item of a snapshot has {length} bytes, over the limit of {ITEM_LIMIT_BYTES}")
            end = start + _LENGTH.size + length
            if len(buffer) < end:
                break
            yield bytes(buffer[start + _LENGTH.size : end])
            start = end
        del buffer[:start]
    if buffer:
        raise InvalidMetadata(f"a snapshot ends inside an item, {len(buffer)} bytes of it are there")


class _Building:
    """An image in the making, item by item."""

    def __init__(self) -> None:
        self._cluster: _Cluster | None = None
        self._end: _End | None = None
        self._nodes: dict[int, QuorumNode] = {}
        self._brokers: dict[int, Broker] = {}
        self._configs: dict[Resource, dict[str, str]] = {}
        self._quotas: dict[QuotaEntity, dict[str, float]] = {}
        self._features = _Features(0, ())
        self._topics: list[tuple[_Topic, list[Partition]]] = []

    def add(self, item: _Item) -> None:
        if self._end is not None or (self._cluster is None) != isinstance(item, _Cluster):
            raise InvalidMetadata(f"{item!r} is out of place in a snapshot")
        match item:
            case _Cluster():
                self._cluster = item
            case _QuorumNode():
                self._nodes[item.id] = QuorumNode(item.id, item.directory_id, item.endpoint)
            case _Broker():
                self._brokers[item.id] = Broker(item.id, item.epoch, item.incarnation, item.endpoints, item.rack)
            case _Topic():
                self._topics.append((item, []))
            case _Partitions():
                self._add_partitions(item)
            case _Configs():
                self._configs[Resource(item.kind, item.resource)] = dict(item.values)
            case _Quotas():
                self._quotas[item.entity] = dict(item.values)
            case _Features():
                self._features = item
            case _End():
                self._end = item
            case _:
                assert_never(item)

    def _add_partitions(self, item: _Partitions) -> None:
        if not self._topics:
            raise InvalidMetadata("partitions come before any topic in a snapshot")
        known = self._topics[-1][1]
        for index, stored in enumerate(item.partitions, len(known)):
            known.append(
                Partition(
                    index, stored.leader, stored.leader_epoch, stored.partition_epoch, stored.replicas, stored.isr
                )
            )

    def image(self) -> Image:
        if self._cluster is None or self._end is None:
            raise InvalidMetadata("a snapshot ends before its last item")
        topics = [Topic(item.name, item.id, tuple(partitions)) for item, partitions in self._topics]
        count = sum(len(topic.partitions) for topic in topics)
        if count != self._end.partition_count:
            raise InvalidMetadata(f"a snapshot has {count} partitions, and says it has {self._end.partition_count}")
        return Image(
            revision=self._cluster.revision,
            cluster_id=self._cluster.cluster_id,
            topics={topic.name: topic for topic in topics},
            topics_by_id={topic.id: topic for topic in topics},
            configs=self._configs,
            brokers=self._brokers,
            next_producer_id=self._cluster.next_producer_id,
            last_broker_epoch=self._cluster.last_broker_epoch,
            partition_count=count,
            quorum_nodes=self._nodes,
            quotas=self._quotas,
            features=dict(self._features.levels),
            feature_epoch=self._features.epoch,
        )
