"""What each record does to the image: the only place where metadata changes.

Lives here: one effect for each record. Must not live here: judgement; a record was decided on before it was written,
and replaying it has one outcome. A record that contradicts the image means a damaged log or a mistake of ours, and
raises InvalidMetadata.

A run of records is replayed into a draft, which copies each dict of the image once, when it is first changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from cordwood.metadata.image import Broker, Image, Partition, QuorumNode, Resource, ResourceKind, Topic
from cordwood.metadata.records import (
    ClusterRecord,
    ConfigRecord,
    FeatureRecord,
    PartitionChange,
    PartitionRecord,
    ProducerIdsRecord,
    QuorumNodeRecord,
    QuotaRecord,
    Record,
    RegisterBroker,
    RemoveQuorumNode,
    RemoveTopic,
    RenewLeadership,
    TopicRecord,
    UnregisterBroker,
)
from cordwood.model.errors import InvalidMetadata
from cordwood.model.ids import BrokerId, LeaderEpoch, TopicId


def replay(image: Image, record: Record) -> Image:
    """The image after one record. Raises InvalidMetadata when the record cannot follow it."""
    return replay_all(image, (record,))


def replay_all(image: Image, records: Iterable[Record]) -> Image:
    """The image after these records, under the revision that it had. Raises InvalidMetadata when they cannot follow."""
    draft = Draft(image)
    for record in records:
        draft.replay(record)
    return draft.image()


class Draft:
    """An image in the making."""

    def __init__(self, image: Image) -> None:
        self.revision = image.revision
        """That of the image in the making; it is for the caller to raise."""
        self._cluster_id = image.cluster_id
        self._topics = image.topics
        self._topics_by_id = image.topics_by_id
        self._topics_owned = False
        self._configs = image.configs
        self._configs_owned = False
        self._brokers = image.brokers
        self._next_producer_id = image.next_producer_id
        self._last_broker_epoch = image.last_broker_epoch
        self._partition_count = image.partition_count
        self._quorum_nodes = image.quorum_nodes
        self._quotas = image.quotas
        self._quotas_owned = False
        self._features = image.features
        self._feature_epoch = image.feature_epoch
        # Partitions of topics that grow: a topic of a thousand partitions is built once, not a thousand times.
        self._growing: dict[TopicId, list[Partition]] = {}

    def image(self) -> Image:
        """The image as it is now. The draft must not be used afterwards."""
        for topic_id in list(self._growing):
            self._settle(topic_id)
        return Image(
            revision=self.revision,
            cluster_id=self._cluster_id,
            topics=self._topics,
            topics_by_id=self._topics_by_id,
            configs=self._configs,
            brokers=self._brokers,
            next_producer_id=self._next_producer_id,
            last_broker_epoch=self._last_broker_epoch,
            partition_count=self._partition_count,
            quorum_nodes=self._quorum_nodes,
            quotas=self._quotas,
            features=self._features,
            feature_epoch=self._feature_epoch,
        )

    def replay(self, record: Record) -> None:
        """Applies one record. Raises InvalidMetadata."""
        match record:
            case PartitionRecord():
                self._add_partition(record)
            case TopicRecord():
                self._add_topic(record)
            case ConfigRecord() | QuotaRecord() | FeatureRecord():
                self._set(record)
            case PartitionChange() | RenewLeadership():
                self._change_leadership(record)
            case RemoveTopic():
                self._remove_topic(record)
            case ProducerIdsRecord():
                self._give_producer_ids(record)
            case RegisterBroker():
                self._register(record)
            case UnregisterBroker():
                self._unregister(record)
            case QuorumNodeRecord() | RemoveQuorumNode():
                self._change_quorum_nodes(record)
            case ClusterRecord():
                self._found(record)
            case _:
                assert_never(record)

    def _found(self, record: ClusterRecord) -> None:
        _require(not self._cluster_id, record)
        self._cluster_id = record.cluster_id

    def _add_topic(self, record: TopicRecord) -> None:
        _require(record.name not in self._topics and record.id not in self._topics_by_id, record)
        self._own_topics()
        self._put(Topic(record.name, record.id, ()))

    def _add_partition(self, record: PartitionRecord) -> None:
        growing = self._grow(record.topic_id, record)
        _require(len(growing) == record.index and bool(record.replicas), record)
        growing.append(
            Partition(
                index=record.index,
                leader=BrokerId(record.replicas[0]),
                leader_epoch=LeaderEpoch(0),
                partition_epoch=0,
                replicas=record.replicas,
                isr=record.replicas,
            )
        )
        self._partition_count += 1

    def _change_leadership(self, record: PartitionChange | RenewLeadership) -> None:
        if isinstance(record, PartitionChange):
            self._change_partition(record)
        else:
            self._renew_leadership(record)

    def _change_partition(self, record: PartitionChange) -> None:
        growing = self._grow(record.topic_id, record)
        _require(0 <= record.index < len(growing), record)
        before = growing[record.index]
        _require(record.leader_epoch > before.leader_epoch, record)
        growing[record.index] = _led(before, record.leader, record.leader_epoch, record.isr)

    def _renew_leadership(self, record: RenewLeadership) -> None:
        for topic_id in list(self._topics_by_id):
            self._settle(topic_id)
            partitions = self._topics_by_id[topic_id].partitions
            led = [partition for partition in partitions if partition.leader == record.broker_id]
            if led:
                growing = self._grow(topic_id, record)
                for before in led:
                    growing[before.index] = _led(before, before.leader, before.leader_epoch + 1, before.isr)

    def _remove_topic(self, record: RemoveTopic) -> None:
        self._settle(record.id)
        topic = self._topics_by_id.get(record.id)
        if topic is None:
            raise _misfit(record)
        self._own_topics()
        del self._topics[topic.name]
        del self._topics_by_id[topic.id]
        self._partition_count -= len(topic.partitions)
        resource = Resource(ResourceKind.TOPIC, topic.name)
        if resource in self._configs:
            self._own_configs()
            del self._configs[resource]

    def _set(self, record: ConfigRecord | QuotaRecord | FeatureRecord) -> None:
        match record:
            case ConfigRecord():
                self._configure(record)
            case QuotaRecord():
                self._limit(record)
            case FeatureRecord():
                self._set_level(record)

    def _configure(self, record: ConfigRecord) -> None:
        _require(record.kind != ResourceKind.TOPIC or record.resource in self._topics, record)
        resource = Resource(record.kind, record.resource)
        self._own_configs()
        configs = dict(self._configs.get(resource, {}))
        if record.value is None:
            configs.pop(record.name, None)
        else:
            configs[record.name] = record.value
        if configs:
            self._configs[resource] = configs
        else:
            self._configs.pop(resource, None)

    def _limit(self, record: QuotaRecord) -> None:
        _require(bool(record.entity), record)
        if not self._quotas_owned:
            self._quotas = dict(self._quotas)
            self._quotas_owned = True
        quotas = {key: value for key, value in self._quotas.get(record.entity, {}).items() if key != record.key}
        if record.value is not None:
            quotas[record.key] = record.value
        if quotas:
            self._quotas[record.entity] = quotas
        else:
            self._quotas.pop(record.entity, None)

    def _set_level(self, record: FeatureRecord) -> None:
        _require(record.level >= 0, record)
        self._features = {**self._features, record.name: record.level}
        self._feature_epoch += 1

    def _give_producer_ids(self, record: ProducerIdsRecord) -> None:
        _require(record.next_producer_id > self._next_producer_id, record)
        self._next_producer_id = record.next_producer_id

    def _register(self, record: RegisterBroker) -> None:
        _require(record.epoch > self._last_broker_epoch, record)
        broker = Broker(record.id, record.epoch, record.incarnation, record.endpoints, record.rack)
        self._brokers = {**self._brokers, record.id: broker}
        self._last_broker_epoch = record.epoch

    def _unregister(self, record: UnregisterBroker) -> None:
        _require(record.id in self._brokers, record)
        self._brokers = {number: broker for number, broker in self._brokers.items() if number != record.id}

    def _change_quorum_nodes(self, record: QuorumNodeRecord | RemoveQuorumNode) -> None:
        if isinstance(record, QuorumNodeRecord):
            self._note_node(record)
        else:
            self._forget_node(record)

    def _note_node(self, record: QuorumNodeRecord) -> None:
        node = QuorumNode(record.id, record.directory_id, record.endpoint)
        self._quorum_nodes = {**self._quorum_nodes, record.id: node}

    def _forget_node(self, record: RemoveQuorumNode) -> None:
        _require(record.id in self._quorum_nodes, record)
        self._quorum_nodes = {number: node for number, node in self._quorum_nodes.items() if number != record.id}

    def _grow(self, topic_id: TopicId, record: Record) -> list[Partition]:
        """The partitions of a topic, open for change until it is settled."""
        growing = self._growing.get(topic_id)
        if growing is None:
            topic = self._topics_by_id.get(topic_id)
            if topic is None:
                raise _misfit(record)
            growing = self._growing[topic_id] = list(topic.partitions)
        return growing

    def _settle(self, topic_id: TopicId) -> None:
        growing = self._growing.pop(topic_id, None)
        if growing is not None:
            self._own_topics()
            topic = self._topics_by_id[topic_id]
            self._put(Topic(topic.name, topic.id, tuple(growing)))

    def _put(self, topic: Topic) -> None:
        self._topics[topic.name] = topic
        self._topics_by_id[topic.id] = topic

    def _own_topics(self) -> None:
        if not self._topics_owned:
            self._topics = dict(self._topics)
            self._topics_by_id = dict(self._topics_by_id)
            self._topics_owned = True

    def _own_configs(self) -> None:
        if not self._configs_owned:
            self._configs = dict(self._configs)
            self._configs_owned = True


def _led(before: Partition, leader: int, leader_epoch: int, isr: tuple[int, ...]) -> Partition:
    """A partition with another leader, or the same one anew."""
    return Partition(
        index=before.index,
        leader=leader,
        leader_epoch=leader_epoch,
        partition_epoch=before.partition_epoch + 1,
        replicas=before.replicas,
        isr=isr,
    )


def _require(holds: bool, record: Record) -> None:
    if not holds:
        raise _misfit(record)


def _misfit(record: Record) -> InvalidMetadata:
    return InvalidMetadata(f"{record!r} contradicts the records before it")
